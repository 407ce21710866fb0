/**
 * What follows when htmx has put another page, or the same one anew, in place of what was shown: islands start, and on
 * another path reading begins at the top of the content. What isn't a page is left to the browser.
 */
import type { HtmxRequestCtx } from "htmx.org";
import { startIslands } from "./islands.ts";
import { toast } from "./toasts.ts";

type HtmxEvent = CustomEvent<{ ctx: HtmxRequestCtx }>;

export function startNavigation(): void {
  let path = location.pathname;

  document.addEventListener("htmx:after:swap", () => {
    startIslands(document);
    if (location.pathname === path) return;
    path = location.pathname;
    document.getElementById("places")?.hidePopover();
    if (location.hash) return;
    scrollTo({ top: 0, behavior: "instant" });
    document.getElementById("content")?.focus({ preventScroll: true });
  });

  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = (event as HtmxEvent).detail;
    const response = ctx.response?.raw;
    if (!response || ctx.request.method !== "GET" || response.headers.get("content-type")?.includes("html")) return;
    event.preventDefault();
    location.assign(response.url);
  });

  document.addEventListener("htmx:error", (event) => {
    const { ctx } = (event as HtmxEvent).detail;
    if (ctx.request.method !== "GET") return;
    toast("Not loaded: the server can’t be reached. What is shown stays.", { grade: "bad" });
  });
}
