/** Colours of a chart, from the tokens of the style sheet, as the canvas takes them. */
import type { Line } from "./document.ts";

const PARTS = 8;

/** Reads tokens as they are in the theme that is worn now. */
export class Colours {
  private readonly probe = document.createElement("span");
  private readonly known = new Map<string, string>();

  /** `place` is where in the document the chart is. */
  constructor(place: HTMLElement) {
    this.probe.hidden = true;
    place.append(this.probe);
    for (const token of TOKENS) {
      this.probe.style.color = `var(--${token})`;
      this.known.set(token, getComputedStyle(this.probe).color);
    }
    this.probe.remove();
  }

  get(token: Token): string {
    return this.known.get(token) ?? "gray";
  }

  /** A token's colour as thin as `alpha`. */
  thin(token: Token, alpha: number): string {
    return thinned(this.get(token), alpha);
  }

  /** The colour of a line; `part` is its place among those that are alike. */
  line({ role }: Line, part: number): string {
    return this.get(lineToken(role, part));
  }
}

/** The token of a line's colour: the same for the same thing on every page. */
export function lineToken(role: Line["role"], part: number): Token {
  if (role === "part") return `part-${(part % PARTS) + 1}` as Token;
  return role === "value" ? "p95" : role;
}

/** `rgb(1, 2, 3)` as `rgba(1, 2, 3, 0.5)`. */
export function thinned(colour: string, alpha: number): string {
  const inside = /^rgb\((.+)\)$/.exec(colour)?.[1];
  return inside ? `rgba(${inside}, ${alpha})` : colour;
}

const TOKENS = [
  "text",
  "muted",
  "line",
  "line-strong",
  "raised",
  "accent",
  "good",
  "warning",
  "bad",
  "unknown",
  "p50",
  "p95",
  "p99",
  "mean",
  "before",
  "part-1",
  "part-2",
  "part-3",
  "part-4",
  "part-5",
  "part-6",
  "part-7",
  "part-8",
] as const;

export type Token = (typeof TOKENS)[number];
