import type { Handle } from "../index";
import { attempt, fromCache, nameOf, now } from "./page";

/** How long the browser may take to note down where an answer came from. */
const NOTED_MS = 300;

/** A path as a route: what looks like an id becomes `:id`. */
const routeOf = (path: string): string => path.replace(/\/(?=[^/]*\d)[^/]{3,}|\/\d+|\/[^/]{25,}/g, "/:id");

/**
 * A `fetch` for the widget's own calls, which measures them; the page's own stays as it is. `route` makes a route
 * template of a path. Calls that the widget itself gave up are not counted.
 */
export function measureFetch(vitals: Handle, route: (path: string) => string = routeOf): typeof fetch {
  return async (input, init) => {
    const startedMs = now();
    const request = input as Request;
    const url = attempt(() => new URL(request.url ?? input, location.href));
    const tell = (status?: number): void => {
      const duration = now() - startedMs;
      const told = {
        endpoint: url ? route(url.pathname) : "?",
        method: (init?.method ?? request.method ?? "GET").toUpperCase(),
        duration,
        status,
        success: !!status && status < 400,
      };
      const timestamp = Date.now();
      setTimeout(() => {
        const noted = performance.getEntriesByName(url?.href ?? "").pop() as PerformanceResourceTiming | undefined;
        const cached = noted && noted.startTime >= startedMs ? fromCache(noted) : undefined;
        vitals.trackApi({ ...told, timestamp, cached });
      }, NOTED_MS);
    };
    try {
      const response = await fetch(input, init);
      tell(response.status);
      return response;
    } catch (error) {
      if (nameOf(error) !== "AbortError") tell();
      throw error;
    }
  };
}
