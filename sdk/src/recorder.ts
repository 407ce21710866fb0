import type { Batch } from "./batch";
import { courier } from "./courier";
import { hex, uuid } from "./ids";
import type { Options } from "./options";

const FLUSH_MS = 5_000;
const KEEP_MS = 200;
const BATCH_EVENTS = 500;
const BATCH_LENGTH = 50_000;
/** One call in so many is timed: reading the clock costs as much as recording. */
const TIMED = 64;

/** Takes events in and makes batches of them. One a widget; several on a page don't meet. */
export interface Recorder {
  /** Record one event; returns at once, whatever happens. */
  record(kind: string, fields: object): void;
  /** The visitor agreed or declined; undefined goes by the browser's own signal. */
  setConsent(consent: Options["consent"] | boolean): void;
  /** The visitor has used the widget: from now on things may wait on the device, unless the policy says never. */
  interacted(): void;
  /** Whether anything may be kept on the device now. */
  stores(): boolean;
  /** Aborted by `shutdown`: what measures by itself ends with it. */
  ended: AbortSignal;
  /** Send what there is; resolves when all of it is taken. */
  flush(): Promise<void>;
  /** Send what there is, then stop for good. */
  shutdown(): void;
}

export function recorder(options: Options): Recorder {
  const beganMs = performance.now();
  const tabId = hex(8);
  const { customer, release, variant, country, sessionId = tabId, policy, sample = 1, debug } = options;
  const sampled = Math.random() < sample;
  const stop = new AbortController();
  const explain = (...words: unknown[]): void => {
    if (debug) console.debug("chatvitals:", ...words);
  };
  const mail = courier(options, tabId, explain);
  let mayStore = policy === "persist";
  let agreed: boolean | undefined;
  let seq = 0;
  let recorded = 0;
  let lost = 0;
  let dropped: Record<string, number> = {};
  let initMs: number | undefined;
  let perEventUs: number | undefined;
  let open: Batch | undefined;
  let page: string;
  let length: number;
  let flushing: number | undefined;
  let keeping: number | undefined;

  const begin = (): Batch => {
    length = 0;
    page = location.pathname;
    const context = { sessionId, tabId, customer, release, variant, country, page };
    return { id: uuid(), context, sample, lines: [] };
  };

  const keep = (): void => {
    clearTimeout(keeping);
    keeping = undefined;
    if (open) mail.keep(open);
  };

  const seal = (): void => {
    clearTimeout(flushing);
    clearTimeout(keeping);
    flushing = keeping = undefined;
    if (open) mail.add(open);
    open = undefined;
  };

  const flush = (): Promise<void> => {
    seal();
    return mail.pump();
  };

  const lose = (reason: string): void => {
    lost++;
    dropped[reason] = (dropped[reason] ?? 0) + 1;
    explain("dropped:", reason);
  };

  const record = (kind: string, fields: { timestamp?: number }): void => {
    if (agreed === false || !sampled || stop.signal.aborted) return;
    const fromMs = seq % TIMED ? 0 : performance.now();
    const event = { kind, seq: seq++, sessionId: undefined, messageId: undefined };
    recorded++;
    if (mail.full()) return lose("full");
    let line: string;
    try {
      const { timestamp = Date.now() } = fields;
      line = JSON.stringify({ ...fields, timestamp, ...event });
    } catch {
      return lose("unreadable");
    }
    if (open && page !== location.pathname) void flush();
    open ??= begin();
    length += line.length;
    if (open.lines.push(line) >= BATCH_EVENTS || length > BATCH_LENGTH) void flush();
    flushing ??= setTimeout(flush, FLUSH_MS);
    keeping ??= setTimeout(keep, KEEP_MS);
    if (fromMs) perEventUs = 1_000 * (performance.now() - fromMs);
  };

  const stores = (): boolean => mayStore && !!agreed;

  const store = (): void => {
    if (!stores()) return;
    mail.store();
    keep();
  };

  const setConsent = (consent: Options["consent"] | boolean): void => {
    if (consent === undefined) agreed = !(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;
    else agreed = consent === "required" ? undefined : consent === true || consent === "granted";
    mail.allow(agreed);
    if (agreed === false) open = undefined;
    if (!agreed) return;
    store();
    void flush();
  };

  /** The SDK's account of itself since the last one. */
  const account = (): void => {
    if (!recorded || mail.full()) return;
    record("sdk", { recorded, sent: recorded - lost, initMs, perEventUs, ...(lost && { dropped }) } as object);
    dropped = {};
    recorded = lost = 0;
  };

  const leave = (): void => {
    if (!agreed) return;
    account();
    seal();
    mail.leave();
  };

  const away = (): void => {
    leave();
    mail.away();
  };

  const on = (target: EventTarget, type: string, listener: (event: Event) => void): void =>
    target.addEventListener(type, listener, { signal: stop.signal, capture: true });
  on(document, "visibilitychange", () => document.hidden && leave());
  on(window, "pagehide", away);
  on(window, "pageshow", (event) => (event as PageTransitionEvent).persisted && mail.back());
  on(window, "online", mail.wake);
  setConsent(options.consent);
  initMs = performance.now() - beganMs;

  return {
    record,
    setConsent,
    interacted() {
      mayStore = policy !== "ephemeral";
      store();
    },
    stores,
    ended: stop.signal,
    flush,
    shutdown() {
      away();
      stop.abort();
    },
  };
}
