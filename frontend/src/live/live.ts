// Keeps the page up to date: by what the server pushes, or else by loading it again, and says which.
import { recall, remember } from "../remembered.ts";
import { forgetWaiting, isWaiting, put, putWaiting, shown } from "./fragments.ts";
import { isRefreshing, onRefresh, refresh } from "./refresh.ts";
import { type Message, LiveSocket } from "./socket.ts";
import { isPushed, type Known, stateOf, words } from "./state.ts";

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
  /** What keeps the server from being up to date. */
  private serverProblem = "";
  /** Why this page could not be made, or loaded, when that was tried last. */
  private pageProblem = "";
  /** The server's time when what is shown was made. */
  private madeMs = 0;
  private freshAt = Date.now();
  private loadedAt = Date.now();
  private toldAt = 0;
  private rebuiltAt = 0;
  /** Whether something came that has no place on the page. */
  private incomplete = false;
  private page = "";

  start(): void {
    onRefresh((problem) => this.refreshed(problem));
    document.addEventListener("visibilitychange", () => this.follow());
    for (const type of ["online", "offline"]) addEventListener(type, () => this.follow());
    document.addEventListener("focusout", () => setTimeout(putWaiting));
    document.addEventListener("htmx:after:swap", () => this.compare());
    addEventListener("pagehide", () => this.socket.close());
    addEventListener("pageshow", () => this.follow());
    setInterval(() => this.tick(), 1_000);
    this.compare();
  }

  /** Whether the page that is shown is another one now, or the same made anew. */
  private compare(): void {
    const { url, now } = document.body.dataset;
    const page = `${now} ${url}`;
    if (page === this.page) {
      this.tell();
      return;
    }
    this.page = page;
    forgetWaiting();
    this.pageProblem = "";
    this.incomplete = false;
    this.madeMs = Number(now ?? 0);
    this.freshAt = this.loadedAt = Date.now();
    this.follow();
    this.look();
  }

  /** How often the page is loaded again while nothing is pushed; 0 is never. */
  get everyMs(): number {
    const kept = Number(recall(EVERY) ?? DEFAULT_EVERY_MS);
    return Number.isFinite(kept) && kept >= 0 ? kept : DEFAULT_EVERY_MS;
  }

  set everyMs(ms: number) {
    remember(EVERY, String(ms));
    this.tell();
  }

  private silenced(): void {
    this.pulsed = false;
    this.serverProblem = "";
    this.tell();
  }

  private get moves(): boolean {
    return document.body.hasAttribute("data-live-page");
  }

  /** Whether the page is one that says that it comes. */
  private get isComing(): boolean {
    return document.querySelector(".waiting") !== null;
  }

  private follow(): void {
    if (this.moves && navigator.onLine && !document.hidden) this.socket.open();
    else this.socket.close();
    this.tell();
  }

  private look(): void {
    if (this.isComing) return;
    this.socket.say({ url: document.body.dataset["url"] ?? "", have: shown(), atMs: this.madeMs });
  }

  private hear(message: Message): void {
    switch (message.type) {
      case "pulse":
        this.pulsed = true;
        this.serverProblem = message.problem;
        break;
      case "trouble":
        this.pageProblem = message.detail;
        break;
      case "fragments":
        if (message.url !== document.body.dataset["url"]) break; // of the page that was shown before
        if (!put(message.fragments)) this.incomplete = true;
        this.rebuild();
        this.pageProblem = "";
        this.madeMs = message.atMs;
        this.freshAt = Date.now();
    }
    this.tell();
  }

  private rebuild(): void {
    if (!this.incomplete || isRefreshing() || Date.now() - this.rebuiltAt < REBUILD_PAUSE_MS) return;
    this.rebuiltAt = Date.now();
    void refresh();
  }

  private refreshed(problem: string): void {
    this.loadedAt = Date.now();
    if (problem) this.pageProblem = problem;
    this.tell();
  }

  private tick(): void {
    putWaiting();
    this.rebuild();
    const { everyMs } = this;
    const due = everyMs > 0 && Date.now() - this.loadedAt >= everyMs;
    const missed = due && this.moves && !isPushed(this.known);
    if (missed && !document.hidden && navigator.onLine && !isRefreshing()) void refresh();
    this.tell();
  }

  private get known(): Known {
    return {
      online: navigator.onLine,
      moves: this.moves,
      connected: this.pulsed,
      refreshing: isRefreshing() || this.isComing,
      problem: this.serverProblem || this.pageProblem,
      held: isWaiting(),
      freshAt: this.freshAt,
      everyMs: this.everyMs,
    };
  }

  private tell(): void {
    const now = Date.now();
    const { short, long } = words(this.known, now);
    const connection = document.getElementById("connection");
    if (connection && connection.title !== long) connection.title = long;
    if (connection) {
      connection.dataset["state"] = stateOf(this.known, now);
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
