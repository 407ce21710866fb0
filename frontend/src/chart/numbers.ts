/** Values with their units, in the same words as the server (`dashboard/saying.py`); a test holds the two together. */
type Scale = readonly (readonly [number, string])[];

const BYTES: Scale = [
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
];
const SHORT: Scale = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** Three digits that count: so many places from these sizes on. */
const PLACES: readonly (readonly [number, number])[] = [
  [99.95, 0],
  [9.995, 1],
  [0.9995, 2],
  [0.09995, 3],
];

/** A value as it stands in a text: "18.5 ms", "62.4 MB", "1,234". */
export function said(value: number, unit: string): string {
  switch (unit) {
    case "bytes":
      return scaled(value, BYTES, "B");
    case "ms":
      return Math.abs(value) >= 1_000 ? `${digits(value / 1_000)} s` : `${digits(value)} ms`;
    case "%":
      return `${share(value)} %`;
    case "count":
      return count(value);
    default:
      return unit ? `${digits(value)} ${unit}` : digits(value);
  }
}

/** A value on an axis, where space is short: "12.3 k". Units that aren't signs stand above the chart only. */
export function shortly(value: number, unit: string): string {
  const whole = Number(value.toPrecision(12)); // without what adding up tenths leaves behind
  if (["bytes", "ms", "%"].includes(unit)) return said(whole, unit);
  return scaled(whole, SHORT, "");
}

/** A number of things: 1,234. */
export function count(value: number): string {
  return format(0).format(value);
}

/** Three digits that count, and never fewer than stand before the point. */
function digits(value: number): string {
  const size = Math.abs(value);
  return format(PLACES.find(([bound]) => size >= bound)?.[1] ?? 4).format(value);
}

/** Never 100 for what isn't all, nor 0 for what is some. */
function share(value: number): string {
  if (value >= 99.995 && value < 100) return "> 99.99";
  if (value > 0 && value < 0.005) return "< 0.01";
  return format(2, false).format(value);
}

function scaled(value: number, scale: Scale, smallest: string): string {
  const [size, name] = scale.find(([bound]) => Math.abs(value) >= bound) ?? [1, smallest];
  return name ? `${digits(value / size)} ${name}` : digits(value);
}

const formats = new Map<string, Intl.NumberFormat>();

/** At most so many places, rounded as Python rounds. */
function format(places: number, grouped = true): Intl.NumberFormat {
  const key = `${places} ${grouped}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat("en", {
    maximumFractionDigits: places,
    roundingMode: "halfEven",
    signDisplay: "negative",
    useGrouping: grouped,
  });
  formats.set(key, made);
  return made;
}
