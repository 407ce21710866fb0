/** What measures until it is over. */
export interface Measuring {
  readonly ended: AbortSignal;
}

/** Listen until measuring ends; those who don't capture come last. */
export function listen<E extends Event>(
  { ended: signal }: Measuring,
  type: string,
  listener: (event: E) => void,
  on: EventTarget = window,
  capture = true,
): void {
  on.addEventListener(type, listener as (event: Event) => void, { capture, signal });
}

/** Call back each time that the page is hidden or left, after which it may be gone. */
export function whenLeft(measuring: Measuring, left: () => void, capture?: boolean): void {
  listen(measuring, "visibilitychange", () => document.hidden && left(), window, capture);
  listen(measuring, "pagehide", left, window, capture);
}
