/**
 * A chart: draws what the JSON in its element says, and draws it anew when that, its size or the theme changes. The
 * panel follows the pointer and the arrow keys; a click or Enter pins it, dragging zooms, a double click zooms out.
 */
import type uPlot from "uplot";
import { Colours } from "../chart/colours.ts";
import { type ChartDocument, readDocument, sameShape } from "../chart/document.ts";
import { fillPanel } from "../chart/panel.ts";
import { savePicture } from "../chart/picture.ts";
import { dataOf, makePlot, partOf } from "../chart/plot.ts";
import { swatch } from "../chart/swatch.ts";
import { saveValues } from "../chart/values.ts";
import { zoomedOut, zoomedTo } from "../chart/zoom.ts";
import { refresh } from "../live/refresh.ts";

export function start(element: HTMLElement): () => void {
  const place = element.querySelector<HTMLElement>(".chart-plot");
  const chart = readDocument(element);
  return place && chart ? new Chart(element, place, chart).end : () => undefined;
}

/** By how many steps a key moves the cursor. */
const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -Infinity,
  End: Infinity,
};

class Chart {
  private readonly legend = make("ul", "chart-legend");
  private readonly tools = make("div", "chart-tools");
  private readonly canvas = make("div", "chart-canvas");
  private readonly panel = make("div", "chart-hover");
  private readonly nothing = make("p", "chart-nothing");
  private readonly hidden = new Set<string>();
  private readonly ending = new AbortController();
  private readonly observers: { disconnect(): void }[] = [];
  private colours: Colours;
  private lineColours: string[] = [];
  private plot: uPlot;
  private pinned = false;

  constructor(
    private readonly element: HTMLElement,
    place: HTMLElement,
    private chart: ChartDocument,
  ) {
    const head = make("div", "chart-head");
    head.append(this.legend, this.tools);
    this.nothing.textContent = "Nothing was measured in this time.";
    this.panel.hidden = true;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", "chart");
    this.panel.setAttribute("aria-live", "polite");
    place.replaceChildren(head, this.canvas, this.panel);
    this.colours = new Colours(element);
    this.plot = this.draw();
    this.listen();
    this.watch();
  }

  /** Take everything down. */
  readonly end = (): void => {
    this.ending.abort();
    for (const observer of this.observers) observer.disconnect();
    this.plot.destroy();
  };

  private draw(): uPlot {
    const { chart, colours } = this;
    this.lineColours = chart.lines.map((line, at) => colours.line(line, partOf(chart.lines, at)));
    const plot = makePlot(this.canvas, () => this.chart, colours, {
      moved: () => this.pinned || this.point(),
      selected: (fromMs, toMs) => void refresh(zoomedTo(location.href, fromMs, toMs)),
      reset: () => this.zoomOut(),
    });
    for (const [at, { name }] of chart.lines.entries()) {
      if (this.hidden.has(name)) plot.setSeries(at + 1, { show: false });
    }
    this.tell();
    return plot;
  }

  private redraw(): void {
    this.plot.destroy();
    this.colours = new Colours(this.element);
    this.plot = this.draw();
  }

  /** Everything around the plot. */
  private tell(): void {
    const { chart } = this;
    const measured = chart.lines.some(({ values }) => values.some((value) => value !== null));
    this.canvas.setAttribute("aria-label", `${chart.title}: arrow keys move along it, Enter keeps a step`);
    const entries = chart.lines.map((_line, at) => this.entry(at));
    this.legend.replaceChildren(...entries, ...(chart.zeroBased ? [] : [zoomNote()]));
    this.tools.replaceChildren(
      button("PNG", () => savePicture(this.plot, this.chart, this.colours, this.lineColours)),
      chart.csvHref ? link(chart.csvHref, "CSV", true) : button("CSV", () => saveValues(chart)),
      ...(chart.jsonHref ? [link(chart.jsonHref, "JSON")] : []),
    );
    if (measured) this.nothing.remove();
    else this.canvas.append(this.nothing);
  }

  private entry(at: number): HTMLElement {
    const { name = "", role = "value" } = this.chart.lines[at] ?? {};
    const toggle = button(name, () => {
      if (this.hidden.has(name)) this.hidden.delete(name);
      else this.hidden.add(name);
      toggle.setAttribute("aria-pressed", String(!this.hidden.has(name)));
      this.plot.setSeries(at + 1, { show: !this.hidden.has(name) });
    });
    toggle.className = "";
    toggle.setAttribute("aria-pressed", String(!this.hidden.has(name)));
    toggle.prepend(swatch(role, this.lineColours[at] ?? "currentColor"));
    const item = document.createElement("li");
    item.append(toggle);
    return item;
  }

  private listen(): void {
    const { signal } = this.ending;
    this.canvas.addEventListener("keydown", (event) => this.pressed(event), { signal });
    this.canvas.addEventListener("focus", () => this.canvas.matches(":focus-visible") && this.step(0), { signal });
    this.canvas.addEventListener("blur", () => this.pinned || this.leave(), { signal });
    this.canvas.addEventListener("click", () => this.pin(!this.pinned), { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw(), { signal });
  }

  private watch(): void {
    const resized = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = this.canvas;
      if (width && (width !== this.plot.width || height !== this.plot.height)) this.plot.setSize({ width, height });
    });
    resized.observe(this.canvas);
    const replaced = new MutationObserver(() => this.follow());
    replaced.observe(this.element, { childList: true });
    const worn = new MutationObserver(() => this.redraw());
    worn.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.observers.push(resized, replaced, worn);
  }

  /** The document may have been replaced by a newer one. */
  private follow(): void {
    const chart = readDocument(this.element);
    if (!chart) return;
    const same = sameShape(chart, this.chart);
    this.chart = chart;
    if (!same) return this.redraw();
    this.plot.setData(dataOf(chart));
    this.tell();
    if (this.pinned) this.point();
  }

  private pressed(event: KeyboardEvent): void {
    const { key } = event;
    const steps = STEPS[key];
    if (steps !== undefined) this.step(steps);
    else if (key === "Enter") this.pin(!this.pinned);
    else if (key === "Escape" && !this.panel.hidden) this.leave();
    else if (key === "Backspace") this.zoomOut();
    else return;
    event.preventDefault();
  }

  /** Move the cursor by so many steps; it begins at the end. */
  private step(by: number): void {
    const last = this.chart.times.length - 1;
    const at = Math.min(last, Math.max(0, (this.plot.cursor.idx ?? last) + by));
    const time = this.chart.times[at];
    if (time === undefined) return;
    this.plot.setCursor({ left: this.plot.valToPos(time, "x"), top: this.plot.over.clientHeight / 2 });
  }

  private pin(pinned: boolean): void {
    this.pinned = pinned;
    this.panel.classList.toggle("pinned", pinned);
    requestAnimationFrame(() => this.point()); // the cursor may still be on its way to where was clicked
  }

  private leave(): void {
    this.pinned = false;
    this.panel.classList.remove("pinned");
    this.panel.hidden = true;
    this.plot.setCursor({ left: -10, top: -10 });
  }

  /** Have the panel tell of the step that the cursor is at. */
  private point(): void {
    const { cursor } = this.plot;
    const at = cursor.idx;
    const here = this.pinned || this.canvas.matches(":hover, :focus");
    this.panel.hidden = at == null || (cursor.left ?? -1) < 0 || !here;
    if (this.panel.hidden || at == null) return;
    fillPanel(this.panel, this.chart, at, this.lineColours, this.pinned);
    this.placePanel(cursor.left ?? 0);
  }

  /** On the side of the cursor that has more room. */
  private placePanel(cursorLeft: number): void {
    const origin = this.plot.over.offsetLeft + (this.plot.over.parentElement?.offsetLeft ?? 0);
    const x = origin + cursorLeft;
    const room = this.canvas.clientWidth;
    const width = this.panel.offsetWidth;
    const left = x > room / 2 ? x - width - 12 : x + 12;
    this.panel.style.left = `${Math.max(0, Math.min(left, room - width))}px`;
    this.panel.style.top = `${this.canvas.offsetTop + 20}px`;
  }

  private zoomOut(): void {
    const href = zoomedOut(location.href);
    if (href) void refresh(href);
  }
}

function make(tag: string, name: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}

function button(words: string, click: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button quiet small";
  element.append(words);
  element.addEventListener("click", click);
  return element;
}

function link(href: string, words: string, download = false): HTMLAnchorElement {
  const element = document.createElement("a");
  element.href = href;
  element.textContent = words;
  element.className = "button quiet small";
  if (download) element.download = "";
  return element;
}

function zoomNote(): HTMLElement {
  const note = document.createElement("li");
  note.textContent = "the scale doesn’t begin at zero";
  return note;
}
