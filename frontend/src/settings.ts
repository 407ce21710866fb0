/** What somebody sets for themselves on this device: theme, keys, name, how often to refresh. And the refresh button. */
import { chooseKeys, chosenKeys } from "./keyboard.ts";
import { live } from "./live/live.ts";
import { refresh } from "./live/refresh.ts";
import { chooseTheme, chosenTheme } from "./themes.ts";

const YEAR_S = 31_536_000;

export function startSettings(): void {
  show();
  document.addEventListener("htmx:after:swap", show);
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
    const { id, value } = target;
    if (id === "theme") chooseTheme(value);
    if (id === "keys") chooseKeys(value);
    if (id === "refresh-every") live.everyMs = Number(value) * 1_000;
    if (id === "who") rememberWho(value.trim());
  });
  document.addEventListener(
    "click",
    (event) => {
      if (!(event.target instanceof Element) || !event.target.closest("#refresh")) return;
      event.preventDefault();
      event.stopPropagation();
      void refresh();
    },
    { capture: true },
  );
}

/** The server reads who acts from a cookie. */
function rememberWho(name: string): void {
  document.cookie = `chatvitals_who=${encodeURIComponent(name)}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

/** Have the fields show what is set. The zones that this browser knows are offered. */
function show(): void {
  select("theme", chosenTheme());
  select("keys", chosenKeys());
  select("refresh-every", String(live.everyMs / 1_000));
  const zones = document.getElementById("zones");
  if (!zones || zones.firstChild) return;
  zones.append(...["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => new Option(zone)));
}

function select(id: string, value: string): void {
  const element = document.getElementById(id);
  if (element instanceof HTMLSelectElement && element.value !== value) element.value = value;
}
