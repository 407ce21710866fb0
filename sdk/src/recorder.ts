import type { Options } from "./options";
import { pack, post } from "./transport";
import { type Batch, Vault } from "./vault";

const FLUSH_MS = 5_000;
const KEEP_MS = 200;
const BATCH_EVENTS = 500;
const BATCH_LENGTH = 50_000;
const MOST_BATCHES = 40;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

const hex = (length: number): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** A version 4 UUID; `crypto.randomUUID` is there only in secure contexts. */
const uuid = (): string =>
  hex(16).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");

const brand = (): string | undefined => {
  const [, name, major] = /(Firefox|Edg|OPR|SamsungBrowser|Chrome|Version)\/(\d+)/.exec(
    navigator.userAgent.replace(/Chrome(?=.*(Edg|OPR|SamsungBrowser)\/)/, ""),
  ) ?? ["", ""];
  return name && `${name === "Version" ? "Safari" : name === "Edg" ? "Edge" : name === "OPR" ? "Opera" : name} ${major}`;
};

/** Takes events in, keeps them safe, and sends them in batches. One a widget; several on a page don't meet. */
export class Recorder {
  private readonly tab = hex(8);
  private readonly context: object;
  private readonly stop = new AbortController();
  private readonly sampled: boolean;
  private vault: Vault | undefined;
  private mayStore: boolean;
  private consent: boolean | undefined;
  private seq = 0;
  private open: Batch;
  private length = 0;
  private readonly outbox: Batch[] = [];
  private readonly flying = new Set<Batch>();
  private dropped: Record<string, number> = {};
  private recorded = 0;
  private flushing: number | undefined;
  private keeping: number | undefined;
  private pumping: Promise<void> | undefined;
  private pause = FIRST_PAUSE_MS;
  private wake: () => void = () => {};

  constructor(private readonly options: Options) {
    const { customer, release, variant, country, sessionId, sample = 1 } = options;
    this.sampled = Math.random() < sample;
    this.context = { sessionId: sessionId ?? hex(8), tabId: this.tab, customer, release, variant, country, browser: brand() };
    this.open = this.fresh();
    const on = (target: EventTarget, type: string, listener: () => void) =>
      target.addEventListener(type, listener, { signal: this.stop.signal, capture: true });
    on(document, "visibilitychange", () => document.visibilityState === "hidden" && this.leave());
    on(window, "pagehide", () => this.leave());
    on(window, "online", () => this.wake());
    this.mayStore = options.policy === "persist";
    this.setConsent(options.consent);
  }

  /** Record one event; returns at once, whatever happens. */
  record(kind: string, fields: { timestamp?: number }): void {
    if (this.consent === false || !this.sampled || this.stop.signal.aborted) return;
    const seq = this.seq++;
    this.recorded++;
    if (this.outbox.length >= MOST_BATCHES) return this.lose("full");
    let line: string;
    try {
      const { timestamp = Date.now() } = fields;
      line = JSON.stringify({ ...fields, kind, timestamp, seq, sessionId: undefined, messageId: undefined });
    } catch {
      return this.lose("unreadable");
    }
    this.length += line.length;
    if (this.open.lines.push(line) >= BATCH_EVENTS || this.length > BATCH_LENGTH) this.flush();
    this.flushing ??= setTimeout(() => this.flush(), FLUSH_MS);
    if (this.vault) this.keeping ??= setTimeout(() => this.keep(), KEEP_MS);
  }

  private lose(reason: string, count = 1): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
    this.explain("dropped", reason, count);
  }

  explain(...words: unknown[]): void {
    if (this.options.debug) console.debug("chatvitals:", ...words);
  }

  /** The visitor agreed or declined; undefined goes by the browser's own signal. */
  setConsent(consent: Options["consent"] | boolean): void {
    const privately = (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true;
    if (consent === undefined) this.consent = !privately;
    else this.consent = consent === "required" ? undefined : consent === true || consent === "granted";
    if (this.consent === false) {
      this.open = this.fresh();
      this.outbox.length = 0;
      this.vault?.clear();
      this.wake();
    } else if (this.consent) {
      this.store();
      void this.flush();
    }
  }

  /** The visitor has used the widget: from now on events may wait on the device, unless the policy says never. */
  interacted(): void {
    this.mayStore = this.options.policy !== "ephemeral";
    this.store();
  }

  private store(): void {
    if (this.vault || !this.mayStore || !this.consent) return;
    try {
      this.vault = new Vault(this.options.key, this.tab, localStorage);
    } catch {
      return this.explain("this browser keeps nothing for us");
    }
    const { vault } = this;
    for (const batch of this.outbox) vault.put(batch);
    this.keep();
    setTimeout(() => vault.recover((batch) => this.deliver(batch)));
  }

  private fresh(): Batch {
    this.length = 0;
    const { sample = 1 } = this.options;
    return { id: uuid(), context: { ...this.context, page: location.pathname }, sample, lines: [] };
  }

  private keep(): void {
    clearTimeout(this.keeping);
    this.keeping = undefined;
    if (this.consent && this.open.lines.length) this.vault?.put(this.open);
  }

  private seal(): void {
    clearTimeout(this.flushing);
    this.flushing = undefined;
    if (!this.open.lines.length) return;
    this.keep();
    this.outbox.push(this.open);
    this.open = this.fresh();
  }

  /** Send what there is. */
  flush(): Promise<void> {
    this.seal();
    return this.pump();
  }

  private pump(): Promise<void> {
    return (this.pumping ??= this.empty().finally(() => (this.pumping = undefined)));
  }

  private async empty(): Promise<void> {
    for (let batch = this.outbox[0]; batch && this.consent; batch = this.outbox[0]) {
      if (await this.deliver(batch)) this.settled(batch);
    }
  }

  private settled(batch: Batch): void {
    this.vault?.drop(batch);
    const at = this.outbox.indexOf(batch);
    if (at >= 0) this.outbox.splice(at, 1);
  }

  /** Send a batch until it is taken; false where the visitor declined before. */
  private async deliver(batch: Batch): Promise<boolean> {
    for (;;) {
      const body = await pack(this.body(batch));
      if (!this.consent) return false;
      this.flying.add(batch);
      const sent = await post(this.options.endpoint, body);
      this.flying.delete(batch);
      if (sent.done) {
        this.pause = FIRST_PAUSE_MS;
        this.explain("sent", batch.lines.length, "events,", body.size, "bytes");
        return true;
      }
      await this.rest(Math.max(sent.afterMs, this.pause * (0.5 + Math.random())));
      this.pause = Math.min(1.5 * this.pause, LONGEST_PAUSE_MS);
    }
  }

  private rest(ms: number): Promise<void> {
    this.explain("not sent; again in", Math.round(ms), "ms, or as soon as there is a network");
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const before = this.wake;
      this.wake = () => {
        this.wake = () => {};
        clearTimeout(timer);
        resolve();
        before();
      };
    });
  }

  private body({ id, context, sample, lines }: Batch): string {
    const { key } = this.options;
    const head = JSON.stringify({ key, batch: id, sentAt: Date.now(), sample, context });
    return `${head.slice(0, -1)},"events":[${lines.join()}]}`;
  }

  /** The page may be gone after this: everything is sent at once, without waiting for anything. */
  private leave(): void {
    if (!this.consent) return;
    this.account();
    this.seal();
    for (const batch of this.outbox) {
      if (this.flying.has(batch)) continue;
      this.flying.add(batch);
      void post(this.options.endpoint, new Blob([this.body(batch)], { type: "text/plain" }), true).then((sent) => {
        this.flying.delete(batch);
        if (sent.done) this.settled(batch);
        else void this.pump();
      });
    }
  }

  /** The SDK's account of itself since the last one. */
  private account(): void {
    const { recorded, dropped } = this;
    if (!recorded || this.outbox.length >= MOST_BATCHES) return;
    this.recorded = 0;
    this.dropped = {};
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    this.record("sdk", { recorded, sent: recorded - lost, ...(lost && { dropped }) } as object);
    this.recorded = 0;
  }

  /** Send what there is, then stop for good. */
  shutdown(): void {
    this.leave();
    this.stop.abort();
    this.vault?.close();
  }
}
