import type { Handle } from "../index";
import { meterFrames } from "./frames";
import { afterPaint, listen, now } from "./page";

const CALIBRATION_MS = 200;
const SCROLL_ENDS_MS = 150;
/** A scroll of fewer frames is a jump. */
const FEWEST_FRAMES = 8;

/**
 * Measure a message list: how long each element put into it takes to its paint, and how smoothly it scrolls. `shown` is
 * called with each element once it was painted.
 */
export function measureMessages(vitals: Handle, list: Element, shown?: (message: Element) => void): void {
  const observer = new MutationObserver((changes) => {
    const insertedMs = now();
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter(({ nodeType }) => nodeType === 1);
    if (!added.length || document.hidden) return; // nothing is painted there
    afterPaint(() => {
      const renderTime = now() - insertedMs;
      for (const message of added) {
        if (!message.parentNode) continue; // taken out before anybody saw it
        const contentLength = message.textContent?.length;
        vitals.trackRender({ renderTime, contentLength, messageCount: list.childElementCount });
        shown?.(message as Element);
      }
    });
  });
  observer.observe(list, { childList: true });
  listen(vitals, "abort", () => observer.disconnect(), vitals.ended);
  measureScroll(vitals, list);
}

/** Measure how smoothly an element scrolls. */
export function measureScroll(vitals: Handle, scroller: EventTarget): void {
  let stop: ReturnType<typeof meterFrames> | undefined;
  let ending: number | undefined;
  const ended = (): void => {
    const { frames, ...met } = stop!();
    stop = undefined;
    if (frames >= FEWEST_FRAMES) vitals.trackScroll({ frames, ...met });
  };
  setTimeout(meterFrames(), CALIBRATION_MS);
  const scrolled = (): void => {
    stop ??= meterFrames();
    clearTimeout(ending);
    ending = setTimeout(ended, SCROLL_ENDS_MS);
  };
  listen(vitals, "scroll", scrolled, scroller);
}
