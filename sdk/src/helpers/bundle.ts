import type { Handle } from "../index";
import { fromCache } from "./page";

/**
 * Measure the widget's own files, whose addresses match `own`, from the first one asked for to the last one there. To be
 * called once they are. What another origin doesn't tell (Timing-Allow-Origin) is left out.
 */
export function measureBundle(vitals: Handle, own: RegExp): void {
  const files = (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).filter(({ name }) =>
    own.test(name),
  );
  if (!files.length) return;
  const told = files.every(({ encodedBodySize }) => encodedBodySize);
  vitals.trackBundle({
    loadTime: Math.max(...files.map((file) => file.responseEnd)) - Math.min(...files.map((file) => file.startTime)),
    size: told ? files.reduce((sum, file) => sum + file.encodedBodySize, 0) : undefined,
    cached: told ? files.every(fromCache) : undefined,
  });
}
