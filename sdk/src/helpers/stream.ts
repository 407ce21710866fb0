import type { StreamEvent } from "../events.js";
import type { Handle } from "../index.js";
import { meterFrames } from "./frames.js";
import { afterPaint, listen, stopwatch } from "./page.js";

/** One streamed answer, as the widget gets it. */
export interface Answer {
  /** A piece came and was put on screen. */
  chunk(): void;
  /** It is over; only the first call counts. A page that goes before is an `orphaned` answer. */
  end(outcome?: StreamEvent["outcome"]): void;
}

/** Measure one streamed answer, from now on. */
export function measureAnswer(vitals: Handle): Answer {
  const elapsed = stopwatch();
  const frames = meterFrames(vitals);
  let firstChunk: number | undefined;
  let firstPaint: number | undefined;
  let lastMs = 0;
  let longestStall = 0;
  let chunks = 0;
  let over = false;
  const end: Answer["end"] = (outcome = "complete") => {
    if (over) return;
    over = true;
    const { lateFrames } = frames();
    vitals.trackStream({ outcome, firstChunk, firstPaint, longestStall, chunks, lateFrames });
  };
  listen(vitals, "pagehide", () => end("orphaned"));
  return {
    chunk() {
      const atMs = elapsed();
      if (chunks++) longestStall = Math.max(longestStall, atMs - lastMs);
      else {
        firstChunk = atMs;
        afterPaint(() => (firstPaint = elapsed()));
      }
      lastMs = atMs;
    },
    end,
  };
}
