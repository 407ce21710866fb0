/** Dark or light: as the system has it, or as was chosen here. */
export type Theme = "system" | "light" | "dark";

const KEY = "chatvitals.theme";
const THEMES: readonly string[] = ["system", "light", "dark"] satisfies Theme[];

function isTheme(value: unknown): value is Theme {
  return typeof value === "string" && THEMES.includes(value);
}

/** What was chosen on this device; the system's where nothing was, or nothing may be stored. */
export function chosenTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return isTheme(stored) ? stored : "system";
  } catch {
    return "system"; // storage is denied by the browser's settings
  }
}

/** Show a theme. */
export function wearTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** Show a theme, and remember it. Without storage it lasts as long as the page. */
export function chooseTheme(theme: string): void {
  const chosen = isTheme(theme) ? theme : "system";
  wearTheme(chosen);
  try {
    if (chosen === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen);
  } catch {
    // storage is denied by the browser's settings
  }
}
