/** What is drawn beside the lines: shaded spans below them, thresholds and marks above. All in canvas pixels. */
import type uPlot from "uplot";
import type { Colours, Token } from "./colours.ts";
import type { ChartDocument, Span, Threshold } from "./document.ts";

const SEVERITY: Record<string, Token> = { info: "line-strong", warning: "warning", error: "bad", critical: "bad" };
const DASH = [4, 4];
const LABEL_PX = 16;

/** A font for labels on the canvas. */
export function labelFont(scale = 1): string {
  return `${Math.round(11 * scale)}px ${getComputedStyle(document.body).fontFamily}`;
}

/** Shade the times of alerts and silences. */
export function drawSpans(plot: uPlot, { spans }: ChartDocument, colours: Colours): void {
  const { ctx, bbox } = plot;
  inside(plot, () => {
    for (const span of spans) {
      const [left, right] = [across(plot, span.start), across(plot, span.end)];
      const width = Math.max(right - left, ratio());
      ctx.fillStyle = colours.thin(tokenOf(span), span.kind === "alert" ? 0.12 : 0.1);
      ctx.fillRect(left, bbox.top, width, bbox.height);
      ctx.fillStyle = colours.get(tokenOf(span));
      if (span.kind === "alert") ctx.fillRect(left, bbox.top, width, 2 * ratio());
      else for (let x = left; x < left + width; x += 6 * ratio()) ctx.fillRect(x, bbox.top, 3 * ratio(), ratio());
    }
  });
}

/** The colour of a span. */
export function tokenOf({ kind, severity }: Span): Token {
  return kind === "silence" ? "unknown" : (SEVERITY[severity] ?? "warning");
}

/** The colour of a threshold. */
export function thresholdToken({ grade }: Threshold): Token {
  return grade === "target" ? "line-strong" : grade;
}

/** Draw each threshold as a dashed line with its name; those outside of the scale aren't there. */
export function drawThresholds(plot: uPlot, { thresholds }: ChartDocument, colours: Colours): void {
  const { ctx, bbox } = plot;
  const { min, max } = plot.scales["y"] ?? {};
  inside(plot, () => {
    ctx.font = labelFont(ratio());
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    ctx.lineWidth = ratio();
    ctx.setLineDash(DASH.map((length) => length * ratio()));
    for (const threshold of thresholds) {
      if (threshold.value < (min ?? 0) || threshold.value > (max ?? 0)) continue;
      const y = Math.round(plot.valToPos(threshold.value, "y", true)) + 0.5;
      ctx.strokeStyle = ctx.fillStyle = colours.get(thresholdToken(threshold));
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      const above = y - bbox.top >= LABEL_PX * ratio();
      label(plot, threshold.name, above ? y - LABEL_PX * ratio() : y, colours);
    }
  });
}

/** Text at the right edge, readable whatever lies behind it; `top` is where its line begins. */
function label({ ctx, bbox }: uPlot, text: string, top: number, colours: Colours): void {
  const { fillStyle } = ctx;
  const right = bbox.left + bbox.width - 4 * ratio();
  const width = ctx.measureText(text).width + 6 * ratio();
  ctx.fillStyle = colours.thin("raised", 0.8);
  ctx.fillRect(right - width + 3 * ratio(), top + 2 * ratio(), width, (LABEL_PX - 3) * ratio());
  ctx.fillStyle = fillStyle;
  ctx.fillText(text, right, top + (LABEL_PX / 2) * ratio());
}

/** Draw releases and the like as ticks with their names on top; a name that would touch the one before is left out. */
export function drawMarks(plot: uPlot, { marks }: ChartDocument, colours: Colours): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.font = labelFont(ratio());
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.lineWidth = ratio();
  ctx.strokeStyle = colours.get("line-strong");
  ctx.fillStyle = colours.get("muted");
  let free = bbox.left;
  for (const { at, name } of [...marks].sort((one, other) => one.at - other.at)) {
    const x = Math.round(across(plot, at)) + 0.5;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top - 4 * ratio());
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const { width } = ctx.measureText(name);
    const left = Math.min(x - 2 * ratio(), bbox.left + bbox.width - width);
    if (left < free) continue;
    ctx.fillText(name, left, bbox.top - 5 * ratio());
    free = left + width + 6 * ratio();
  }
  ctx.restore();
}

function inside(plot: uPlot, draw: () => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw();
  ctx.restore();
}

function across(plot: uPlot, time: number): number {
  return plot.valToPos(time, "x", true);
}

function ratio(): number {
  return devicePixelRatio;
}
