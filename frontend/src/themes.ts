/** Dark or light: as the system has it, or as was chosen here. */
import { recall, remember } from "./remembered.ts";

export type Theme = "system" | "light" | "dark";

const KEY = "chatvitals.theme";
const THEMES: readonly string[] = ["system", "light", "dark"] satisfies Theme[];

function isTheme(value: unknown): value is Theme {
  return typeof value === "string" && THEMES.includes(value);
}

/** What was chosen on this device; the system's where nothing was. */
export function chosenTheme(): Theme {
  const kept = recall(KEY);
  return isTheme(kept) ? kept : "system";
}

/** Show a theme. */
export function wearTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** Show a theme, and remember it. */
export function chooseTheme(theme: string): void {
  const chosen = isTheme(theme) ? theme : "system";
  wearTheme(chosen);
  remember(KEY, chosen);
}
