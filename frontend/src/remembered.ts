/** What is kept on this device for the next visit; where the browser's settings deny that, it lasts as long as the page. */
const now = new Map<string, string>();

/** What was kept under a name; undefined where nothing was. */
export function recall(name: string): string | undefined {
  try {
    return now.get(name) ?? localStorage.getItem(name) ?? undefined;
  } catch {
    return now.get(name); // storage is denied
  }
}

export function remember(name: string, value: string): void {
  now.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // storage is denied
  }
}
