import type { Handle } from "../index.js";
import { hash, listen, nameOf } from "./page.js";

/**
 * Measure the errors of the widget's own scripts, whose addresses match `own`; other scripts' are none of its business.
 * Returns a function for errors that the widget handled itself.
 */
export function measureErrors(vitals: Handle, own: RegExp): (error: unknown) => void {
  const LONGEST_MESSAGE = 200;
  const tell = (thrown: unknown, handled: boolean, file = ""): void => {
    const error = thrown as Error | undefined;
    const type = nameOf(error);
    // the first address in the stack with line and column, which none in a message has
    const place = /\w+:\/\/\S+:\d+:\d+/.exec(error?.stack as string)?.[0] ?? file;
    const message = String(error?.message ?? error).slice(0, LONGEST_MESSAGE);
    if (handled || own.test(place)) vitals.trackError({ type, message, handled, fingerprint: hash(type + place) });
  };
  listen(vitals, "error", ({ error, filename }: ErrorEvent) => tell(error, false, filename));
  listen(vitals, "unhandledrejection", ({ reason }: PromiseRejectionEvent) => tell(reason, false));
  return (error) => tell(error, true);
}
