// Loading the page's content again, without losing the place.
import htmx from "../htmx.ts";

let running = 0;
const listeners: ((ok: boolean) => void)[] = [];

export function isRefreshing(): boolean {
  return running > 0;
}

/** Have `listener` called after each load, with whether it came. */
export function onRefresh(listener: (ok: boolean) => void): void {
  listeners.push(listener);
}

/** Load the content of the page again, or that of another address, which then becomes the page's. */
export async function refresh(href?: string): Promise<void> {
  running += 1;
  let ok = false;
  const after = (event: Event): void => {
    const status = (event as CustomEvent<{ ctx?: { response?: { status?: number } } }>).detail.ctx?.response?.status;
    ok = status !== undefined && status < 400;
  };
  document.addEventListener("htmx:after:request", after, { once: true });
  try {
    await htmx.ajax("GET", href ?? location.pathname + location.search, {
      target: "body",
      swap: "outerMorph",
      ...(href ? { push: href } : {}),
    });
  } finally {
    document.removeEventListener("htmx:after:request", after);
    running -= 1;
    for (const listener of listeners) listener(ok);
  }
}
