/** The panel beside the cursor: every line at that time, the samples behind it, and what went on meanwhile. */
import { type ChartDocument, isFew, meanwhile } from "./document.ts";
import { stepWords } from "./moments.ts";
import { count, said } from "./numbers.ts";
import { swatch } from "./swatch.ts";

/** Fill the panel with step `at`. `colours` are those of the lines; links are there when it is `pinned`. */
export function fillPanel(
  panel: HTMLElement,
  chart: ChartDocument,
  at: number,
  colours: readonly string[],
  pinned: boolean,
): void {
  const time = chart.times[at];
  if (time === undefined) return;
  const list = document.createElement("dl");
  for (const [index, line] of chart.lines.entries()) {
    const row = document.createElement("div");
    const name = make("dt", line.name);
    const value = line.values[at] ?? null;
    const shown = make("dd", value === null ? "–" : said(value, chart.unit));
    const n = line.n[at] ?? 0;
    const measured = `n ${count(n)}${isFew(chart, line, at) ? ", few" : ""}`;
    const samples = make("span", value === null ? "not measured" : measured);
    samples.className = "muted";
    row.append(swatch(line.role, colours[index] ?? "currentColor"), name, shown, samples);
    list.append(row);
  }
  const when = make("p", stepWords(time, chart.step, chart.zone));
  when.className = "chart-when";
  panel.replaceChildren(when, list, ...events(chart, time, pinned), ...(pinned ? [sessions(chart, time)] : []));
}

function events(chart: ChartDocument, time: number, pinned: boolean): HTMLElement[] {
  const { marks, spans } = meanwhile(chart, time);
  return [
    ...spans.map(({ kind, name, severity, href }) => linked(`${severity || kind}: `, name, href, pinned)),
    ...marks.map(({ name, href }) => linked("release: ", name, href, pinned)),
  ];
}

function linked(kind: string, name: string, href: string, pinned: boolean): HTMLElement {
  const words = make("p", kind);
  if (!pinned || !href) words.append(name);
  else words.append(link(href, name));
  return words;
}

/** Where the sessions behind a step are. */
function sessions({ sessionsHref, step }: ChartDocument, time: number): HTMLElement {
  const words = make("p", "");
  if (!sessionsHref) return words;
  const url = new URL(sessionsHref, location.href);
  url.searchParams.delete("window");
  url.searchParams.set("from", new Date(time).toISOString());
  url.searchParams.set("to", new Date(time + step).toISOString());
  words.append(link(url.pathname + url.search, "Sessions of this time"));
  return words;
}

function link(href: string, words: string): HTMLAnchorElement {
  const element = document.createElement("a");
  element.href = href;
  element.textContent = words;
  return element;
}

function make(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
