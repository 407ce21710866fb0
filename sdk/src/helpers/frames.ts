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

/** The shortest interval seen between two frames: that of the display. */
let displayMs = Infinity;

/** Watch frames until the returned function is called, which says how they were. */
export function meterFrames(): () => Frames {
  let frames = -1;
  let first = 0;
  let last = 0;
  const gaps: number[] = [];
  const tick = (at: number): void => {
    const gap = at - last;
    if (++frames) {
      gaps.push(gap);
      if (gap > SHORTEST_MS) displayMs = Math.min(displayMs, gap);
    } else first = at;
    last = at;
    request = requestAnimationFrame(tick);
  };
  let request = requestAnimationFrame(tick);
  return () => {
    cancelAnimationFrame(request);
    const duration = last - first;
    const lateFrames = gaps.filter((gap) => gap > 1.5 * displayMs).length;
    return { frames, lateFrames, duration, fps: (1_000 * frames) / duration, minFps: 1_000 / Math.max(...gaps) };
  };
}
