/**
 * Pages come in place of one another: what follows when htmx has put the next one, or the same one anew, in place of what
 * was shown. Islands start, and on another path reading begins at the top of the content. What isn't a page is left to
 * the browser.
 */
import type { HtmxRequestCtx } from "htmx.org";
import { startIslands } from "./islands.ts";
import { Turns } from "./turns.ts";
import { toast } from "./toasts.ts";

type Told = CustomEvent<{ ctx: HtmxRequestCtx }>;

export function startNavigation(): void {
  const turns = new Turns<HtmxRequestCtx>();
  const { build } = document.body.dataset;
  let path = location.pathname;
  const arrive = (ctx: HtmxRequestCtx): void => {
    if (turns.end(ctx)) delete document.body.dataset["loading"];
  };

  on("htmx:before:request", (event, ctx) => {
    if (!isPage(ctx)) return;
    const step = leadsElsewhere(ctx);
    if (!turns.begin(ctx, step)) event.preventDefault();
    else if (step) document.body.dataset["loading"] = "";
  });
  on("htmx:before:swap", (event, ctx) => {
    if (isPage(ctx) && !turns.counts(ctx)) event.preventDefault();
    else arrive(ctx); // what it brings may itself load more at once
  });
  on("htmx:finally:request", (_event, ctx) => arrive(ctx));

  on("htmx:after:swap", () => {
    if (document.body.dataset["build"] !== build) return location.reload(); // the server has other scripts by now
    startIslands(document);
    if (location.pathname === path) return;
    path = location.pathname;
    document.getElementById("places")?.hidePopover();
    if (location.hash) return;
    scrollTo({ top: 0, behavior: "instant" });
    document.getElementById("content")?.focus({ preventScroll: true });
  });

  // Fields that say nothing are left out of the address.
  document.addEventListener("formdata", ({ target, formData }) => {
    if (!(target instanceof HTMLFormElement) || target.method !== "get") return;
    for (const [name, value] of [...formData]) {
      const field = target.elements.namedItem(name);
      if (value === "" || (field instanceof HTMLElement && field.dataset["default"] === value)) formData.delete(name);
    }
  });

  on("htmx:before:response", (event, ctx) => {
    const response = ctx.response?.raw;
    if (event.defaultPrevented || !response || ctx.request.method !== "GET" || response.headers.get("content-type")?.includes("html")) return;
    event.preventDefault();
    location.assign(response.url);
  });

  // Of a page that is only loaded again, the connection's state tells.
  on("htmx:error", (_event, ctx) => {
    if (!isPage(ctx) || !leadsElsewhere(ctx)) return;
    toast("Not loaded: the server can’t be reached. What is shown stays.", { grade: "bad" });
  });
}

function on(type: string, listener: (event: Event, ctx: HtmxRequestCtx) => void): void {
  document.addEventListener(type, (event) => listener(event, (event as Told).detail.ctx));
}

/** Whether a request is for a whole page. */
function isPage({ target, request }: HtmxRequestCtx): boolean {
  return request !== undefined && target === document.body;
}

/** Whether the address changes with it: a link, a form, the way back. */
function leadsElsewhere({ push, request }: HtmxRequestCtx): boolean {
  return !!push || "HX-Boosted" in request.headers || "HX-History-Restore-Request" in request.headers;
}
