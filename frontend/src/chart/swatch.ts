/** The sample of a line for legends: drawn as the line is. */
import type { Role } from "./document.ts";

const SVG = "http://www.w3.org/2000/svg";

export function swatch(role: Role, colour: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 10");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", "M0 5h16");
  line.setAttribute("stroke", colour);
  line.setAttribute("stroke-width", role === "p99" || role === "before" ? "1.5" : "2.5");
  if (role === "before") line.setAttribute("stroke-dasharray", "4 3");
  svg.append(line);
  return svg;
}
