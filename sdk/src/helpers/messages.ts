import type { Handle } from "../index.js";
import { meterFrames } from "./frames.js";
import { afterPaint, listen, now, stopwatch } from "./page.js";

/**
 * Measure a message list: how long each element put into it takes to its paint, and how smoothly it scrolls. `shown` is
 * called with each element once it was painted.
 */
export function measureMessages(vitals: Handle, list: Element, shown?: (message: Element) => void): void {
  const observer = new MutationObserver((changes) => {
    const elapsed = stopwatch();
    afterPaint(() => {
      const renderTime = elapsed();
      for (const message of changes.flatMap(({ addedNodes }) => [...addedNodes] as Element[])) {
        if (message.nodeType !== 1 || !message.parentNode) continue; // taken out before anybody saw it
        const contentLength = message.textContent!.length;
        vitals.trackRender({ renderTime, contentLength, messageCount: list.childElementCount });
        shown?.(message);
      }
    });
  });
  observer.observe(list, { childList: true });
  vitals.ended.addEventListener("abort", () => observer.disconnect());
  measureScroll(vitals, list);
}

/** Measure how smoothly an element scrolls, from its first to its last move. */
export function measureScroll(vitals: Handle, scroller: EventTarget): void {
  const CALIBRATION_MS = 200;
  const SCROLL_ENDS_MS = 150;
  /** A scroll of fewer frames is a jump. */
  const FEWEST_FRAMES = 8;
  let stop: ReturnType<typeof meterFrames> | undefined;
  let movedMs: number;
  const ended = (atMs: number): void => {
    if (atMs - movedMs < SCROLL_ENDS_MS) return;
    const met = stop!(movedMs);
    stop = undefined;
    if (met.frames >= FEWEST_FRAMES) vitals.trackScroll(met);
  };
  setTimeout(meterFrames(vitals), CALIBRATION_MS);
  const moved = (): void => {
    movedMs = now();
    stop ??= meterFrames(vitals, ended);
  };
  listen(vitals, "scroll", moved, scroller);
}
