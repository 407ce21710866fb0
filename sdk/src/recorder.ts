import type { Batch } from "./batch.js";
import { courier } from "./courier.js";
import { uuid } from "./ids.js";
import { listen, whenLeft } from "./listen.js";
import type { Options } from "./options.js";
import { attempt } from "./quiet.js";

const ACCOUNT = "sdk";
const FLUSH_MS = 5_000;
const KEEP_MS = 200;
const BATCH_EVENTS = 500;
const BATCH_LENGTH = 50_000;
/** One call in so many is timed: reading the clock costs as much as recording. */
const TIMED = 64;

type Answer = Options["consent"] | boolean;

/** Takes events in and makes batches of them. One a widget; several on a page don't meet. */
export interface Recorder {
  /** Record one event; returns at once, whatever happens. */
  record(kind: string, fields: object): void;
  /** The visitor agreed or declined; undefined goes by the browser's own signal. */
  setConsent(consent: Answer): void;
  /** The visitor has used the widget: from now on things may wait on the device, unless the policy says never. */
  interacted(): void;
  /** Whether anything may be kept on the device now. */
  stores(): boolean;
  /** Aborted by `shutdown`, and where nothing can be measured: what measures by itself ends with it. */
  ended: AbortSignal;
  /** Send what there is; resolves when all of it is taken. */
  flush(): Promise<void>;
  /** Send what there is, then stop for good. */
  shutdown(): void;
}

/** Never throws: where a page can't be measured it has ended from the start. */
export function recorder(options: Options): Recorder {
  const { customer, release, variant, country, sessionId, policy, sample = 1, debug } = options;
  const stop = new AbortController();
  const ended = stop.signal;
  let consent: Answer = options.consent;
  let mayStore = policy === "persist";
  let tabId = "";
  let seq = 0;
  let recorded = 0;
  let lost = 0;
  let dropped: Record<string, number> = {};
  let initMs: number | undefined;
  let perEventUs: number | undefined;
  let open: Batch | undefined;
  let url: string;
  let page: string;
  let length: number;
  let flushing: number;
  let keeping: number | undefined;

  if (!(Math.random() < sample)) stop.abort();

  const explain = (...words: unknown[]): void => {
    if (debug) console.debug("chatvitals:", ...words);
  };

  /** Undefined until the visitor was asked. The browser is asked for its signal when there is something to record. */
  const agreed = (): boolean | undefined => {
    if (consent === undefined) {
      setConsent(!attempt(() => (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl));
    }
    return consent === "required" ? undefined : consent === true || consent === "granted";
  };

  const lose = (reason: string, events = 1): void => {
    lost += events;
    dropped[reason] = (dropped[reason] ?? 0) + events;
    explain("dropped:", reason);
  };

  const mail = courier(options, { agreed, explain, lose, ended });

  const begin = (): Batch => {
    length = 0;
    page = location.pathname;
    flushing = setTimeout(flush, FLUSH_MS);
    const context = { sessionId: sessionId ?? tabId, tabId, customer, release, variant, country, page };
    return { id: uuid(), context, sample, lines: [] };
  };

  const keep = (): void => {
    keeping = undefined;
    if (open) mail.keep(open);
  };

  const seal = (): void => {
    clearTimeout(flushing);
    clearTimeout(keeping);
    keeping = undefined;
    if (open) mail.takeOver(open);
    open = undefined;
  };

  const flush = (): Promise<void> => {
    seal();
    return mail.pump();
  };

  const record = (kind: string, fields: { timestamp?: number }): void => {
    if (ended.aborted || agreed() === false) return;
    const fromMs = seq % TIMED ? 0 : performance.now();
    const number = seq++;
    recorded++;
    if (mail.full() && kind !== ACCOUNT) return lose("full");
    let line: string;
    try {
      const timestamp = fields.timestamp ?? Date.now();
      line = JSON.stringify({ ...fields, timestamp, kind, seq: number, sessionId: undefined, messageId: undefined });
    } catch {
      return lose("unreadable");
    }
    if (url !== document.URL) {
      url = document.URL; // cheaper to read than its path
      if (page !== location.pathname) void flush();
    }
    open ??= begin();
    length += line.length;
    keeping ??= setTimeout(keep, KEEP_MS);
    if (open.lines.push(line) >= BATCH_EVENTS || length > BATCH_LENGTH) void flush();
    if (fromMs) perEventUs = 1_000 * (performance.now() - fromMs);
  };

  const stores = (): boolean => mayStore && !!agreed();

  const store = (): void => {
    if (!stores()) return;
    mail.storeAs(tabId);
    keep();
  };

  const setConsent = (answer: Answer): void => {
    consent = answer;
    if (agreed() === false) {
      seal();
      mail.forgetAll();
    } else if (agreed()) {
      store();
      void flush();
    }
  };

  /** The SDK's account of itself since the last one. */
  const account = (): void => {
    if (!recorded) return;
    const sent = Math.max(0, recorded - lost); // what was lost now may have been recorded before
    record(ACCOUNT, { recorded, sent, initMs, perEventUs, ...(lost && { dropped }) } as object);
    dropped = {};
    recorded = lost = 0;
  };

  const leave = (): void => {
    if (!agreed()) return;
    account();
    seal();
    mail.leave();
  };

  try {
    const beganMs = performance.now();
    tabId = uuid();
    whenLeft({ ended }, leave, false); // after those who have something to record then
    listen({ ended }, "online", mail.wakeUp);
    if (consent) setConsent(consent);
    store();
    initMs = performance.now() - beganMs;
  } catch (error) {
    explain("off,", error);
    consent = false;
    stop.abort();
  }

  return {
    record,
    setConsent,
    interacted() {
      mayStore = policy !== "ephemeral";
      store();
    },
    stores,
    ended,
    flush,
    shutdown() {
      leave();
      stop.abort();
    },
  };
}
