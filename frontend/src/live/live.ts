// Keeps the page up to date: by what the server pushes, or else by loading it again, and says which.
import { forgetWaiting, put, putWaiting, shown } from "./fragments.ts";
import { isRefreshing, onRefresh, refresh } from "./refresh.ts";
import { type Message, LiveSocket } from "./socket.ts";
import { type Known, stateOf, words } from "./state.ts";

const EVERY = "chatvitals.refresh";
const DEFAULT_EVERY_MS = 30_000;
/** A page that is built differently by now is loaded again, but not more often than this. */
const REBUILD_PAUSE_MS = 5_000;

class Live {
  private readonly socket = new LiveSocket({
    opened: () => this.look(),
    said: (message) => this.hear(message),
    closed: () => this.silenced(),
  });
  private pulsed = false;
  private problem = "";
  private freshAt = Date.now();
  private loadedAt = Date.now();
  private toldAt = 0;
  private rebuiltAt = 0;
  private url = document.body.dataset["url"];

  start(): void {
    onRefresh((ok) => this.refreshed(ok));
    document.addEventListener("visibilitychange", () => this.follow());
    for (const type of ["online", "offline"]) addEventListener(type, () => this.follow());
    document.addEventListener("focusout", () => setTimeout(putWaiting));
    document.addEventListener("htmx:after:swap", () => this.compare());
    addEventListener("pagehide", () => this.socket.close());
    addEventListener("pageshow", () => this.follow());
    setInterval(() => this.tick(), 1_000);
    this.follow();
  }

  /** Whether the page that is shown became another one. */
  private compare(): void {
    const { url } = document.body.dataset;
    if (url === this.url) {
      this.tell();
      return;
    }
    this.url = url;
    forgetWaiting();
    this.freshAt = this.loadedAt = Date.now();
    this.follow();
    this.look();
  }

  /** How often the page is loaded again while nothing is pushed; 0 is never. */
  get everyMs(): number {
    const kept = Number(localStorage.getItem(EVERY) ?? DEFAULT_EVERY_MS);
    return Number.isFinite(kept) && kept >= 0 ? kept : DEFAULT_EVERY_MS;
  }

  set everyMs(ms: number) {
    localStorage.setItem(EVERY, String(ms));
    this.tell();
  }

  private silenced(): void {
    this.pulsed = false;
    this.tell();
  }

  private get moves(): boolean {
    return document.body.hasAttribute("data-live-page");
  }

  private follow(): void {
    if (this.moves && navigator.onLine && !document.hidden) this.socket.open();
    else this.socket.close();
    this.tell();
  }

  private look(): void {
    this.socket.say({ url: document.body.dataset["url"] ?? "", have: shown() });
  }

  private hear(message: Message): void {
    switch (message.type) {
      case "pulse":
        this.pulsed = true;
        this.problem = message.problem;
        if (!message.problem) this.freshAt = Date.now();
        break;
      case "trouble":
        this.problem = message.detail;
        break;
      case "fragments":
        if (message.url !== document.body.dataset["url"]) break; // of the page that was shown before
        if (!put(message.fragments)) this.rebuild();
        this.freshAt = Date.now();
    }
    this.tell();
  }

  private rebuild(): void {
    if (Date.now() - this.rebuiltAt < REBUILD_PAUSE_MS) return;
    this.rebuiltAt = Date.now();
    void refresh();
  }

  private refreshed(ok: boolean): void {
    this.loadedAt = Date.now();
    if (ok) {
      this.freshAt = this.loadedAt;
      forgetWaiting();
      this.look();
    }
    this.tell();
  }

  private tick(): void {
    putWaiting();
    const { everyMs } = this;
    const due = everyMs > 0 && Date.now() - this.loadedAt >= everyMs;
    const pushed = stateOf(this.known) === "live";
    if (due && this.moves && !pushed && !document.hidden && navigator.onLine && !isRefreshing()) void refresh();
    this.tell();
  }

  private get known(): Known {
    return {
      online: navigator.onLine,
      moves: this.moves,
      connected: this.pulsed,
      refreshing: isRefreshing(),
      problem: this.problem,
      freshAt: this.freshAt,
      everyMs: this.everyMs,
    };
  }

  private tell(): void {
    const { short, long } = words(this.known, Date.now());
    const connection = document.getElementById("connection");
    if (connection && connection.title !== long) connection.title = long;
    if (connection) {
      connection.dataset["state"] = stateOf(this.known);
      say(connection.querySelector("span") ?? connection, short);
    }
    if (this.toldAt !== this.freshAt) {
      this.toldAt = this.freshAt;
      document.dispatchEvent(new CustomEvent("chatvitals:fresh", { detail: { at: this.freshAt } }));
    }
  }
}

/** Change a text only where it is another one: what doesn't change isn't read out. */
function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export const live = new Live();
