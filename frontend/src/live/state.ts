// What is said of the connection, in one place and always true.
import { agoWords } from "./words.ts";

export type State = "live" | "held" | "refreshing" | "stale" | "offline" | "still";

/** A page that is live is made anew at least every 15 s, unless that takes long. */
const LATE_MS = 30_000;

/** All that the state follows from. Times are the browser's, in milliseconds. */
export interface Known {
  online: boolean;
  /** Whether the page is one that changes by itself: not a fixed range. */
  moves: boolean;
  connected: boolean;
  refreshing: boolean;
  /** What keeps the server from being up to date, or it from making this page. */
  problem: string;
  /** Whether something newer waits, because somebody works where it belongs. */
  held: boolean;
  /** When what is shown came. */
  freshAt: number;
  /** How often the page is loaded again while nothing is pushed; 0 is never. */
  everyMs: number;
}

export function stateOf(known: Known, now: number): State {
  if (!known.online) return "offline";
  if (known.refreshing) return "refreshing";
  if (known.problem) return "stale";
  if (!known.moves) return "still";
  if (!isPushed(known) || isLate(known, now)) return "stale";
  return known.held ? "held" : "live";
}

/** Whether the page comes by itself as it changes, sooner or later. */
export function isPushed({ connected, problem }: Known): boolean {
  return connected && !problem;
}

function isLate({ freshAt }: Known, now: number): boolean {
  return now - freshAt > LATE_MS;
}

/** The state in words, and what follows from it. */
export function words(known: Known, now: number): { short: string; long: string } {
  const since = ` since ${new Date(known.freshAt).toLocaleTimeString()}`;
  const age = ` What is shown is from ${agoWords(now - known.freshAt)}.`;
  switch (stateOf(known, now)) {
    case "live":
      return { short: "Live", long: "Changes are shown within seconds." };
    case "held":
      return { short: "Held", long: "Newer figures wait while you write, mark text or have something open among them." };
    case "refreshing":
      return { short: "Refreshing", long: "The page is being loaded." };
    case "still":
      return { short: "Still", long: "This page doesn't change by itself." };
    case "offline":
      return { short: `Offline${since}`, long: `This browser has no network.${age}` };
    case "stale":
      return { short: `Stale${since}`, long: `${whyStale(known)}.${age}` };
  }
}

function whyStale({ problem, connected, everyMs }: Known): string {
  if (problem) return problem;
  if (connected) return "The server takes long to make this page";
  const next = everyMs ? `; it is loaded again every ${everyMs / 1_000} s` : "";
  return `The server can’t be reached for live news${next}`;
}
