/** The window of time that a chart was zoomed to is in the URL; the one before stays in it too, to come back to. */

/** The address of the same page between two times. */
export function zoomedTo(href: string, fromMs: number, toMs: number): string {
  const url = new URL(href);
  url.searchParams.set("from", wholeSeconds(fromMs));
  url.searchParams.set("to", wholeSeconds(Math.max(toMs, fromMs + 1_000)));
  return url.pathname + url.search;
}

/** The address without a zoom; undefined where there is none. */
export function zoomedOut(href: string): string | undefined {
  const url = new URL(href);
  if (!url.searchParams.has("from")) return undefined;
  url.searchParams.delete("from");
  url.searchParams.delete("to");
  return url.pathname + url.search;
}

function wholeSeconds(ms: number): string {
  return new Date(Math.round(ms / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
}
