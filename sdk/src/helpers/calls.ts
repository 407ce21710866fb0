import type { Handle } from "../index.js";
import { attempt, fromCache, nameOf, now, whenLeft } from "./page.js";

/** A path as a route: what looks like an id becomes `:id`. */
const routeOf = (path: string): string => path.replace(/\/(?=[^/]*\d)[^/]{3,}|\/\d+|\/[^/]{25,}/g, "/:id");

/**
 * A `fetch` for the widget's own calls, which measures them; the page's own stays as it is. `route` makes a route
 * template of a path. Calls that the widget itself gave up are not counted.
 */
export function measureFetch(vitals: Handle, route: (path: string) => string = routeOf): typeof fetch {
  /** How long the browser may take to note down where an answer came from. */
  const NOTED_MS = 300;
  const untold = new Set<() => void>();
  whenLeft(vitals, () => untold.forEach((tell) => tell()));
  return async (input, init) => {
    const startedMs = now();
    const request = input as Request;
    const ended = (status?: number): void => {
      const timestamp = Date.now();
      const duration = now() - startedMs;
      const tell = (): void => {
        if (!untold.delete(tell)) return;
        const url = attempt(() => new URL(request.url ?? input, document.baseURI));
        const noted = (performance.getEntriesByName(url?.href as string) as PerformanceResourceTiming[]).find(
          ({ startTime }) => startTime >= startedMs,
        );
        vitals.trackApi({
          endpoint: url ? route(url.pathname) : "?",
          method: (init?.method ?? request.method ?? "GET").toUpperCase(),
          timestamp,
          duration,
          status: status || undefined, // 0 where the page may not know
          success: status! < 400,
          cached: noted && fromCache(noted),
        });
      };
      untold.add(tell);
      setTimeout(tell, NOTED_MS);
    };
    try {
      const response = await fetch(input, init);
      ended(response.status);
      return response;
    } catch (error) {
      if (nameOf(error) !== "AbortError") ended();
      throw error;
    }
  };
}
