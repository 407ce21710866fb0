import type { Handle } from "../index";
import { hash, listen, nameOf } from "./page";

const LONGEST_MESSAGE = 200;

/**
 * Measure the errors of the widget's own scripts, whose addresses match `own`; other scripts' are none of its business.
 * Returns a function for errors that the widget handled itself.
 */
export function measureErrors(vitals: Handle, own: RegExp): (error: unknown) => void {
  const tell = (error: unknown, place: string | undefined, handled: boolean): void => {
    const type = nameOf(error);
    const message = String((error as Error | undefined)?.message ?? error).slice(0, LONGEST_MESSAGE);
    vitals.trackError({ type, message, handled, fingerprint: hash(type + place) });
  };
  /** Where an error was made: the first address in its stack. */
  const placeOf = (error: unknown): string | undefined => /\w+:\/\/[^\s)]+/.exec((error as Error)?.stack ?? "")?.[0];
  const seen = (error: unknown, file = ""): void => {
    const place = placeOf(error) ?? file;
    if (own.test(place)) tell(error, place, false);
  };
  listen(vitals, "error", (event) => seen((event as ErrorEvent).error, (event as ErrorEvent).filename));
  listen(vitals, "unhandledrejection", (event) => seen((event as PromiseRejectionEvent).reason));
  return (error) => tell(error, placeOf(error), true);
}
