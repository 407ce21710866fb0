/** The plot itself: lines by their roles, scales, axes. */
import uPlot from "uplot";
import type { Colours } from "./colours.ts";
import { lineToken, thinned } from "./colours.ts";
import { type ChartDocument, type Line, isFew } from "./document.ts";
import { drawMarks, drawSpans, drawThresholds, labelFont } from "./drawing.ts";
import { tickWords } from "./moments.ts";
import { shortly } from "./numbers.ts";

/** Lines that rest on few samples are as thin as this. */
const FEW_ALPHA = 0.3;
/** So much of the y axis beyond the greatest value may be taken by thresholds. */
const THRESHOLD_REACH = 1.4;
const TOP_PX = 18;
const TICK_ROOM_PX = 16;

/** What somebody does with the plot. */
export interface Hands {
  moved(): void;
  selected(fromMs: number, toMs: number): void;
  reset(): void;
}

/** What uPlot takes as data. */
export function dataOf({ times, lines }: ChartDocument): uPlot.AlignedData {
  return [times, ...lines.map(({ values }) => values)];
}

/** Draw a chart into `place`. `chart` is asked anew for each drawing, so that its data may change. */
export function makePlot(place: HTMLElement, chart: () => ChartDocument, colours: Colours, hands: Hands): uPlot {
  const { lines } = chart();
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: place.clientHeight,
    ms: 1,
    padding: [TOP_PX, 8, 0, 0],
    tzDate: (time) => uPlot.tzDate(new Date(time), chart().zone),
    legend: { show: false },
    series: [{}, ...lines.map((line, at) => seriesOf(line, at, chart, colours))],
    bands: bandsOf(lines, colours),
    scales: {
      x: { time: true, range: () => [chart().start, chart().end] },
      y: { range: (_plot, min, max) => rangeOf(chart(), min, max) },
    },
    axes: axesOf(chart, colours),
    cursor: {
      y: false,
      points: { size: 7, width: 2, stroke: () => colours.get("raised") },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      bind: { dblclick: () => () => (hands.reset(), null) },
      sync: {
        key: "charts",
        scales: ["x", null],
        filters: { pub: (type) => type === "mousemove" || type === "mouseleave", sub: () => true },
      },
    },
    hooks: {
      drawClear: [(plot) => drawSpans(plot, chart(), colours)],
      draw: [(plot) => drawThresholds(plot, chart(), colours), (plot) => drawMarks(plot, chart(), colours)],
      setCursor: [() => hands.moved()],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width > 0) hands.selected(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
  return new uPlot(options, dataOf(chart()), place);
}

function seriesOf(line: Line, at: number, chart: () => ChartDocument, colours: Colours): uPlot.Series {
  const { role } = line;
  const colour = colours.line(line, partOf(chart().lines, at));
  const alone = role === "value" && chart().zeroBased;
  return {
    label: line.name,
    stroke: (plot) => strokeOf(plot, chart(), at, colour),
    width: role === "p99" || role === "before" ? 1 : 1.5,
    ...(role === "before" ? { dash: [4, 3] } : {}),
    ...(alone ? { fill: thinned(colour, 0.08) } : {}),
    spanGaps: false,
    points: {
      show: true,
      size: 4,
      fill: colour,
      filter: (_plot, index) => lonely(chart().lines[index - 1]?.values ?? []),
    },
  };
}

/** The place of a line among the parts. */
export function partOf(lines: readonly Line[], at: number): number {
  return lines.slice(0, at).filter(({ role }) => role === "part").length;
}

/** Values without a neighbour: no line leads to them, so they are points. */
export function lonely(values: readonly (number | null)[]): number[] {
  const measured = (at: number): boolean => values[at] != null;
  return values.flatMap((_, at) => (measured(at) && !measured(at - 1) && !measured(at + 1) ? [at] : []));
}

/** A line's colour, lighter over the steps with few samples. */
function strokeOf(plot: uPlot, chart: ChartDocument, at: number, colour: string): string | CanvasGradient {
  const line = chart.lines[at];
  const { left, width } = plot.bbox;
  if (!line || !width || !line.values.some((value, step) => value !== null && isFew(chart, line, step))) return colour;
  const gradient = plot.ctx.createLinearGradient(left, 0, left + width, 0);
  let before: string | undefined;
  for (const [step, time] of chart.times.entries()) {
    const shade = isFew(chart, line, step) ? thinned(colour, FEW_ALPHA) : colour;
    if (shade === before) continue;
    const place = Math.min(1, Math.max(0, (plot.valToPos(time - chart.step / 2, "x", true) - left) / width));
    if (before) gradient.addColorStop(place, before);
    gradient.addColorStop(before ? place : 0, shade);
    before = shade;
  }
  return gradient;
}

/** The space between p99 and p95 is the light edge of the percentiles. */
function bandsOf(lines: readonly Line[], colours: Colours): uPlot.Band[] {
  const [p99, p95] = (["p99", "p95"] as const).map((wanted) => lines.findIndex(({ role }) => role === wanted) + 1);
  return p99 && p95 ? [{ series: [p99, p95], fill: colours.thin(lineToken("p95", 0), 0.1) }] : [];
}

/** From zero, or zoomed to the values; with the thresholds as far as they don't press the lines flat. */
export function rangeOf(chart: ChartDocument, min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, chart.unit === "%" ? 100 : 1];
  const limit = chart.unit === "%" ? 100 : Infinity;
  const thresholds = chart.thresholds.map(({ value }) => value);
  if (chart.zeroBased) {
    const reach = Math.max(max, ...thresholds.filter((value) => value <= max * THRESHOLD_REACH));
    return [0, Math.min(limit, reach * 1.08) || 1];
  }
  const room = (max - min || Math.abs(max) || 1) * 0.5;
  const near = thresholds.filter((value) => value >= min - room && value <= max + room);
  const [low, high] = [Math.min(min, ...near), Math.max(max, ...near)];
  const pad = (high - low || Math.abs(high) || 1) * 0.08;
  return [Math.max(min >= 0 ? 0 : -Infinity, low - pad), Math.min(limit, high + pad)];
}

/** Whether the words below a tick don't reach below the other axis. */
function hasRoom(plot: uPlot, time: number | undefined): boolean {
  return time !== undefined && plot.valToPos(time, "x") >= TICK_ROOM_PX;
}

function axesOf(chart: () => ChartDocument, colours: Colours): uPlot.Axis[] {
  const look = {
    font: labelFont(),
    stroke: colours.get("muted"),
    grid: { stroke: colours.get("line"), width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...look,
      grid: { show: false },
      size: 24,
      gap: 4,
      space: 72,
      values: (plot, splits, _axis, _space, increment) =>
        tickWords(splits, increment, chart().zone).map((words, at) => (hasRoom(plot, splits[at]) ? words : "")),
    },
    {
      ...look,
      size: (_plot, words) => Math.max(32, 8 + 6.5 * Math.max(0, ...(words ?? []).map((word) => word.length))),
      gap: 6,
      space: 36,
      values: (_plot, splits) => splits.map((value) => shortly(value, chart().unit)),
    },
  ];
}
