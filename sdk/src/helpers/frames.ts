import type { Handle } from "../index.js";

/** Frames while something moved. `lateFrames` came later than one and a half of the display's own intervals. */
export interface Frames {
  frames: number;
  lateFrames: number;
  duration: number;
  fps: number;
  minFps: number;
}

/** Two frames nearer than this were not shown one after the other. */
const SHORTEST_MS = 3;

/** What goes on for longer is judged by its beginning. */
const MOST_FRAMES = 10_000;

/** The shortest interval seen between two frames: that of the display. */
let displayMs = Infinity;

/** How smooth frames at these times were, on a display with this interval. */
export function framesOf(times: number[], intervalMs: number): Frames {
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  const frames = gaps.length;
  const duration = times[frames]! - times[0]!;
  const lateFrames = gaps.filter((gap) => gap > 1.5 * intervalMs).length;
  return { frames, lateFrames, duration, fps: (1_000 * frames) / duration, minFps: 1_000 / Math.max(...gaps) };
}

/**
 * Watch frames until the returned function is called, which says how they were, or how those until a time were. `each`
 * is called with the time of each, which is Infinity for the last one that there may be.
 */
export function meterFrames({ ended }: Handle, each?: (atMs: number) => void): (untilMs?: number) => Frames {
  const times: number[] = [];
  const tick = (atMs: number): void => {
    const gap = atMs - times[times.length - 1]!;
    if (gap > SHORTEST_MS) displayMs = Math.min(displayMs, gap);
    times.push(atMs);
    const goesOn = !ended.aborted && times.length < MOST_FRAMES;
    if (goesOn) request = requestAnimationFrame(tick);
    each?.(goesOn ? atMs : Infinity);
  };
  let request = requestAnimationFrame(tick);
  return (untilMs = Infinity) => {
    cancelAnimationFrame(request);
    return framesOf(times.filter((atMs) => atMs <= untilMs), displayMs);
  };
}
