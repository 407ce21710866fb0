import type { NavigationEvent } from "../events.js";
import type { Handle } from "../index.js";
import { attempt, listen } from "./page.js";

/**
 * Measure whether the conversation crosses page changes: `count` says how many messages the widget has. To be called
 * once it has restored them. What was there is noted in sessionStorage under `name` when a page goes, if anything may be
 * kept; where every page has a fresh conversation by policy, nothing is measured.
 */
export function measureNavigation(vitals: Handle, name: string, count: () => number): void {
  const SETTLES_MS = 500;
  if (vitals.policy === "ephemeral") return;
  let from = location.pathname;
  const crossed = (type: NavigationEvent["type"], from: string, expected: number): void => {
    const found = count();
    vitals.trackNavigation({ preserved: found >= expected, type, from, to: location.pathname, expected, found });
    attempt(() => sessionStorage.removeItem(name));
  };

  attempt(() => crossed("hard", ...(JSON.parse(sessionStorage.getItem(name)!) as [string, number])));
  let left = 0;
  listen(vitals, "pagehide", () => {
    left = count();
    if (vitals.stores()) attempt(() => sessionStorage.setItem(name, JSON.stringify([location.pathname, left])));
  });
  listen(vitals, "pageshow", ({ persisted }: PageTransitionEvent) => {
    if (persisted) crossed("bfcache", from, left);
  });
  const { navigation } = window as { navigation?: EventTarget };
  const moved = (): void => {
    if (from === location.pathname) return;
    setTimeout(crossed, SETTLES_MS, "soft", from, count());
    from = location.pathname;
  };
  listen(vitals, navigation ? "currententrychange" : "popstate", moved, navigation);
}
