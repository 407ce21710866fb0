/** A chart as a PNG: title and legend above the plot, on the theme's background. */
import type uPlot from "uplot";
import type { Colours } from "./colours.ts";
import type { ChartDocument } from "./document.ts";
import { labelFont } from "./drawing.ts";
import { saveFile } from "./saving.ts";

const MARGIN_PX = 16;
const HEAD_PX = 48;

/** Have the browser save the picture. */
export function savePicture(plot: uPlot, chart: ChartDocument, colours: Colours, lines: readonly string[]): void {
  const scale = devicePixelRatio;
  const { canvas: drawn } = plot.ctx;
  const canvas = document.createElement("canvas");
  canvas.width = drawn.width + 2 * MARGIN_PX * scale;
  canvas.height = drawn.height + (HEAD_PX + 2 * MARGIN_PX) * scale;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = colours.get("raised");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(drawn, MARGIN_PX * scale, (HEAD_PX + MARGIN_PX) * scale);
  context.scale(scale, scale);
  context.textBaseline = "top";
  context.fillStyle = colours.get("text");
  context.font = labelFont(1.35);
  context.fillText(chart.title, MARGIN_PX, MARGIN_PX);
  context.font = labelFont();
  let x = MARGIN_PX;
  for (const [index, { name }] of chart.lines.entries()) {
    context.fillStyle = lines[index] ?? colours.get("text");
    context.fillRect(x, MARGIN_PX + 31, 12, 2);
    context.fillStyle = colours.get("muted");
    context.fillText(name, x + 16, MARGIN_PX + 26);
    x += 32 + context.measureText(name).width;
  }
  canvas.toBlob((blob) => blob && saveFile(blob, `${chart.id}.png`));
}
