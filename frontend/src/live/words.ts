// Times in words.

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

/** How long ago, or in how long, by one unit; the words are those of the server's pages. */
export function agoWords(distanceMs: number): string {
  const size = Math.abs(distanceMs);
  if (size < 2_000) return "just now";
  const [unitMs, name] = UNITS.find(([unit]) => size >= unit) ?? [1_000, "s"];
  const said = `${Math.floor(size / unitMs)} ${name}`;
  return distanceMs > 0 ? `${said} ago` : `in ${said}`;
}
