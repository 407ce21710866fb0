import type { NavigationEvent } from "../events";
import type { Handle } from "../index";
import { attempt, listen } from "./page";

const SETTLES_MS = 500;

/**
 * Measure whether the conversation crosses page changes: `count` says how many messages the widget has. To be called
 * once it has restored them. What was there is noted in sessionStorage under `name` when a page goes, if anything may be
 * kept; where every page has a fresh conversation by policy, nothing is measured.
 */
export function measureNavigation(vitals: Handle, name: string, count: () => number): void {
  if (vitals.policy === "ephemeral") return;
  let from = location.pathname;
  let expected = 0;
  const crossed = (type: NavigationEvent["type"]): void => {
    const found = count();
    const to = location.pathname;
    vitals.trackNavigation({ preserved: found >= expected, type, from, to, expected, found });
    from = to;
    attempt(() => sessionStorage.removeItem(name));
  };

  const noted = attempt(() => JSON.parse(sessionStorage.getItem(name)!) as [string, number]);
  if (noted) {
    [from, expected] = noted;
    crossed("hard");
  }
  const { navigation } = window as { navigation?: EventTarget };
  listen(vitals, "pagehide", () => {
    expected = count();
    if (vitals.stores()) attempt(() => sessionStorage.setItem(name, JSON.stringify([location.pathname, expected])));
  });
  listen(vitals, "pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) crossed("bfcache");
  });
  const moved = (): void => {
    if (from === location.pathname) return;
    expected = count();
    setTimeout(() => crossed("soft"), SETTLES_MS);
  };
  listen(vitals, navigation ? "currententrychange" : "popstate", moved, navigation);
}
