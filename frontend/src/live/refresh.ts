// Loading the page's content again, without losing the place.
import type { HtmxRequestCtx } from "htmx.org";
import htmx from "../htmx.ts";

/** One loading. What the server or the network said against it stays in `problem`. */
interface Load {
  problem: string;
}

type Loading = CustomEvent<{ ctx?: HtmxRequestCtx & { load?: Load } }>;

let running = 0;
const listeners: ((problem: string) => void)[] = [];

export function isRefreshing(): boolean {
  return running > 0;
}

/** Have `listener` called after each load, with what was wrong; empty where nothing was. */
export function onRefresh(listener: (problem: string) => void): void {
  listeners.push(listener);
}

/**
 * Load the content of the page again, or that of another address, which then becomes the page's. What is shown stays
 * where the same page can't be had now.
 */
export async function refresh(href?: string): Promise<void> {
  running += 1;
  const load: Load = { problem: "" };
  const answered = (event: Event): void => {
    const { ctx } = (event as Loading).detail;
    if (ctx?.load !== load || !ctx.response || ctx.response.status < 400 || href) return;
    if (ctx.response.headers.has("hx-redirect")) return;
    load.problem = `The server answered ${ctx.response.status}`;
    event.preventDefault();
  };
  const failed = (event: Event): void => {
    if ((event as Loading).detail.ctx?.load === load) load.problem = "The server can’t be reached";
  };
  document.addEventListener("htmx:before:response", answered, { capture: true });
  document.addEventListener("htmx:error", failed);
  const how = { target: "body", swap: "outerMorph", load, ...(href ? { push: href } : {}) }; // htmx keeps it in its context
  try {
    await htmx.ajax("GET", href ?? location.pathname + location.search, how);
  } finally {
    document.removeEventListener("htmx:before:response", answered, { capture: true });
    document.removeEventListener("htmx:error", failed);
    running -= 1;
    for (const listener of listeners) listener(load.problem);
  }
}
