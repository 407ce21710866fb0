// What is said of the connection, in one place and always true.
import { agoWords } from "./words.ts";

export type State = "live" | "refreshing" | "stale" | "offline" | "still";

/** All that the state follows from. Times are the browser's, in milliseconds; 0 is never. */
export interface Known {
  online: boolean;
  /** Whether the page is one that changes by itself: not a fixed range. */
  moves: boolean;
  connected: boolean;
  refreshing: boolean;
  /** What the server says keeps it from being up to date. */
  problem: string;
  /** When what is shown was known to be the newest. */
  freshAt: number;
  /** How often the page is loaded again while nothing is pushed; 0 is never. */
  everyMs: number;
}

export function stateOf(known: Known): State {
  if (!known.online) return "offline";
  if (known.refreshing) return "refreshing";
  if (!known.moves) return "still";
  return known.connected && !known.problem ? "live" : "stale";
}

/** The state in words, and what follows from it. */
export function words(known: Known, now: number): { short: string; long: string } {
  const since = known.freshAt ? ` since ${new Date(known.freshAt).toLocaleTimeString()}` : "";
  const age = known.freshAt ? ` What is shown is from ${agoWords(now - known.freshAt)}.` : "";
  const next = known.everyMs ? ` It is loaded again every ${known.everyMs / 1_000} s.` : "";
  switch (stateOf(known)) {
    case "live":
      return { short: "Live", long: "Changes are shown within seconds." };
    case "refreshing":
      return { short: "Refreshing", long: "The page is being loaded again." };
    case "still":
      return { short: "Still", long: "This page doesn't change by itself." };
    case "offline":
      return { short: `Offline${since}`, long: `This browser has no network.${age}` };
    case "stale":
      return known.problem
        ? { short: `Stale${since}`, long: `${known.problem}.${age}` }
        : { short: `Stale${since}`, long: `The server can't be reached for live news.${age}${next}` };
  }
}
