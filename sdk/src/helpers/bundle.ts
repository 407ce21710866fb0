import type { Handle } from "../index.js";
import { fromCache } from "./page.js";

/**
 * Measure the widget's own files, whose addresses match `own`, from the first one asked for to the last one there. To be
 * called once they are. What another origin doesn't tell (Timing-Allow-Origin) is left out.
 */
export function measureBundle(vitals: Handle, own: RegExp): void {
  const files = (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).filter(({ name }) =>
    own.test(name),
  );
  if (!files[0]) return;
  const loadTime = Math.max(...files.map(({ responseEnd }) => responseEnd)) - files[0].startTime;
  const size = files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  const told = files.every(({ encodedBodySize }) => encodedBodySize);
  vitals.trackBundle({ loadTime, ...(told && { size, cached: files.every(fromCache) }) });
}
