/** A chart as the server tells it; `dashboard/elements/chart.py` says what each field is. */
export type Role = "p50" | "p95" | "p99" | "mean" | "value" | "before" | "part";

export interface Line {
  name: string;
  role: Role;
  values: (number | null)[];
  n: number[];
}

export interface Threshold {
  value: number;
  name: string;
  grade: "good" | "warning" | "bad" | "target";
}

export interface Mark {
  at: number;
  name: string;
  href: string;
}

export interface Span {
  start: number;
  end: number;
  name: string;
  kind: "alert" | "silence";
  severity: string;
  href: string;
}

export interface ChartDocument {
  id: string;
  title: string;
  unit: string;
  zone: string;
  start: number;
  end: number;
  step: number;
  times: number[];
  lines: Line[];
  thresholds: Threshold[];
  marks: Mark[];
  spans: Span[];
  zeroBased: boolean;
  few: number;
  sessionsHref: string;
  csvHref: string;
  jsonHref: string;
}

/** The document in an element's script; undefined while it is being replaced. */
export function readDocument(element: HTMLElement): ChartDocument | undefined {
  const script = element.querySelector(':scope > script[type="application/json"]');
  return script?.textContent ? (JSON.parse(script.textContent) as ChartDocument) : undefined;
}

/** Whether two charts have the same lines, so that only their data differ. */
export function sameShape(one: ChartDocument, other: ChartDocument): boolean {
  const shape = ({ id, unit, zone, zeroBased, lines }: ChartDocument): string =>
    JSON.stringify([id, unit, zone, zeroBased, lines.map(({ name, role }) => [name, role])]);
  return shape(one) === shape(other);
}

/** Whether the value of a line at a step rests on few samples. */
export function isFew({ few }: ChartDocument, line: Line, at: number): boolean {
  return (line.n[at] ?? 0) < few;
}

/** What went on during a step. */
export function meanwhile({ marks, spans, step }: ChartDocument, time: number): { marks: Mark[]; spans: Span[] } {
  const end = time + step;
  return {
    marks: marks.filter(({ at }) => at >= time && at < end),
    spans: spans.filter((span) => span.start < end && span.end > time),
  };
}
