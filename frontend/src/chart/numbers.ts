/** Values with their units, in the same words as the server's pages (`dashboard/saying.py`). */
type Scale = readonly (readonly [number, string])[];

const BYTES: Scale = [
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
  [1, "B"],
];
const SHORT: Scale = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** A value as it stands in a text: "18.5 ms", "62.4 MB", "1,234". */
export function said(value: number, unit: string): string {
  switch (unit) {
    case "bytes":
      return scaled(value, BYTES);
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
  if (["bytes", "ms", "%"].includes(unit)) return said(round(value), unit);
  return Math.abs(value) >= 1_000 ? scaled(value, SHORT) : digits(round(value));
}

/** A number of things: 1,234. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** Three digits that count, and never fewer than stand before the point. */
export function digits(value: number): string {
  const size = Math.abs(value);
  const places = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.0995 || !size ? 2 : 4;
  return value.toLocaleString("en", { maximumFractionDigits: places });
}

function share(value: number): string {
  if (value >= 99.995 && value < 100) return "> 99.99";
  if (value > 0 && value < 0.005) return "< 0.01";
  return value.toLocaleString("en", { maximumFractionDigits: 2, useGrouping: false });
}

function scaled(value: number, scale: Scale): string {
  const [size, name] = scale.find(([one]) => Math.abs(value) >= one) ?? [1, "B"];
  return `${digits(value / size)} ${name}`;
}

/** Without what adding up tenths leaves behind. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}
