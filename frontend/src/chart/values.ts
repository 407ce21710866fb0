/** A chart's values as a file, in the form in which the server gives those of a metric. */
import type { ChartDocument } from "./document.ts";
import { saveFile } from "./saving.ts";

/** Have the browser save the values. */
export function saveValues(chart: ChartDocument): void {
  saveFile(new Blob([valuesOf(chart)], { type: "text/csv" }), `${chart.id}.csv`);
}

/** A line for each step: its start, the values of the lines, and the samples behind the first. */
export function valuesOf({ times, lines }: ChartDocument): string {
  const head = ["time", ...lines.map(({ name }) => harmless(name)), "n"];
  const rows = times.map((time, at) => [
    new Date(time).toISOString(),
    ...lines.map(({ values }) => String(values[at] ?? "")),
    String(lines[0]?.n[at] ?? 0),
  ]);
  return [head, ...rows].map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

/** A name that spreadsheets would compute is told apart from a formula; names come from whoever sends events. */
function harmless(name: string): string {
  return /^[=+\-@\t\r]/.test(name) ? `'${name}` : name;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
