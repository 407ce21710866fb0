/** What every helper needs of the page: its time, its frames, and its events. */

export const now = (): number => performance.now();

/** Start a stopwatch, which says how many ms have passed. */
export function stopwatch(): () => number {
  const startedMs = now();
  return () => now() - startedMs;
}

export const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

export { attempt } from "../quiet.js";

export { listen, whenLeft } from "../listen.js";

/** How often the page was hidden or seen again, once somebody wants to know. */
let turns: number | undefined;

/** Call back once what is in the document now has been painted; never, where the page is hidden before. */
export function afterPaint(callback: () => void): void {
  turns ??= (addEventListener("visibilitychange", () => turns!++), 0);
  const before = turns;
  if (document.hidden) return;
  requestAnimationFrame(() => {
    setTimeout(() => before === turns && callback()); // which comes after the paint that this frame ends with
  });
}

/** The name of what was thrown, as browsers name their errors: QuotaExceededError, SecurityError. */
export const nameOf = (error: unknown): string => String((error as Error | undefined)?.name || "Error");

/** FNV-1a over UTF-16 units, 32 bits, in base 36 (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(36);
}

/** Whether a file came out of a cache, from how much was transferred; undefined where the other origin doesn't tell. */
export function fromCache({ transferSize, encodedBodySize }: PerformanceResourceTiming): boolean | undefined {
  return encodedBodySize ? transferSize < encodedBodySize : undefined;
}
