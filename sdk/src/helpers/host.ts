import type { HostEvent } from "../events.js";
import type { Handle } from "../index.js";
import { whenLeft } from "./page.js";

interface Interaction extends PerformanceEntry {
  interactionId: number;
}
interface Shift extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
}
interface LongFrame extends PerformanceEntry {
  blockingDuration: number;
  scripts: { sourceURL: string; duration: number }[];
}

/**
 * Measure what the widget costs the page that it is a guest on, once, when the page is first left: INP, LCP and CLS as
 * web.dev/vitals defines them, how long the main thread was blocked, and for how much of it scripts whose addresses
 * match `own` are to blame. What a browser can't tell is left out.
 */
export function measureHost(vitals: Handle, own: RegExp, holdout?: boolean): void {
  /** An event that took less is no slow one (Event Timing's default is 104). */
  const SLOW_EVENT_MS = 40;
  const LONG_TASK_MS = 50;
  const SHIFTS_APART_MS = 1_000;
  const LONGEST_SHIFTS_MS = 5_000;
  /** Of so many interactions one is forgiven. */
  const FORGIVEN = 50;

  const host: HostEvent = { holdout };
  let shifted = 0;
  let firstMs = 0;
  let lastMs = 0;
  const slowest = new Map<number, number>();
  const flushes: (() => void)[] = [];

  /** See each entry of a type, those of before among them. Returns 0, to add to; undefined where there are none. */
  const observe = <E extends PerformanceEntry>(type: string, see: (entry: E) => void): 0 | undefined => {
    if (!PerformanceObserver.supportedEntryTypes.includes(type)) return undefined;
    const seeAll = (entries: PerformanceEntryList): void => (entries as E[]).forEach(see);
    const observer = new PerformanceObserver((list) => seeAll(list.getEntries()));
    observer.observe({ type, buffered: true, durationThreshold: SLOW_EVENT_MS } as PerformanceObserverInit);
    flushes.push(() => seeAll(observer.takeRecords()));
    return 0;
  };
  const interacted = ({ interactionId, duration }: Interaction): void => {
    if (interactionId) slowest.set(interactionId, Math.max(duration, slowest.get(interactionId) ?? 0));
  };

  if (!document.hidden) observe("largest-contentful-paint", ({ startTime }) => (host.lcp = startTime));
  observe("event", interacted);
  observe("first-input", interacted); // however fast it was
  host.cls = observe("layout-shift", ({ value, hadRecentInput, startTime }: Shift) => {
    if (hadRecentInput) return;
    if (startTime - lastMs > SHIFTS_APART_MS || startTime - firstMs > LONGEST_SHIFTS_MS) {
      shifted = 0;
      firstMs = startTime;
    }
    lastMs = startTime;
    host.cls = Math.max(host.cls!, (shifted += value));
  });
  host.blockingTime = host.ownBlockingTime = observe("long-animation-frame", ({ blockingDuration, scripts }: LongFrame) => {
    let all = 0;
    let ours = 0;
    for (const { sourceURL, duration } of scripts) {
      all += duration;
      if (own.test(sourceURL)) ours += duration;
    }
    host.blockingTime! += blockingDuration;
    if (ours) host.ownBlockingTime! += (blockingDuration * ours) / all;
  });
  host.blockingTime ??= observe("longtask", ({ duration }) => (host.blockingTime! += duration - LONG_TASK_MS));

  const tell = (): void => {
    if (!flushes.length) return;
    for (const flush of flushes.splice(0)) flush();
    const count = (performance as { interactionCount?: number }).interactionCount ?? slowest.size;
    const ordered = [...slowest.values()].sort((a, b) => b - a);
    host.inp = ordered.slice(0, count / FORGIVEN + 1).pop();
    vitals.trackHost(host);
  };
  whenLeft(vitals, tell);
}
