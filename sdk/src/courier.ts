import { type Batch, bodyOf } from "./batch.js";
import type { Measuring } from "./listen.js";
import type { Options } from "./options.js";
import { nothing } from "./quiet.js";
import { type Body, pack, plain, post, postLater } from "./transport.js";
import { forget, openVault, type Vault } from "./vault.js";

const MOST_BATCHES = 40;
/** So many batches of tabs that are gone are sent in one visit; the next one goes on. */
const MOST_RECOVERED = 20;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Who asks for more is asked again sooner; timers of more than 24.8 days would end at once. */
const LONGEST_AFTER_MS = 3_600_000;
/** The status of a batch that the server had, and that grew afterwards; it has the grown one. */
const HAS_IT = 409;

/** Brings batches to the server, each until it is taken, and keeps them safe meanwhile. */
export interface Courier {
  /** Whether no more batches can wait. */
  full(): boolean;
  /** Leave nothing behind, in memory or on the device. */
  forgetAll(): void;
  /** From now on batches wait on the device too, under the name of this tab, and what dead tabs left there is sent. */
  storeAs(tab: string): void;
  /** Keep a batch safe that isn't to be sent yet: on the device, or else with the browser. */
  keep(batch: Batch): void;
  /** Take over a batch that grows no more. */
  takeOver(batch: Batch): void;
  /** Send what there is; resolves when all of it is taken. */
  pump(): Promise<void>;
  /** Wait no longer: there is a network again. */
  wakeUp(): void;
  /** The page may be gone after this: everything is sent at once, without waiting for anything. */
  leave(): void;
}

/** What the courier must know of its recorder. */
export interface Sender extends Measuring {
  /** Whether the visitor has agreed: nothing is sent or kept before, and nothing any more where it is false. */
  agreed(): boolean | undefined;
  explain(...words: unknown[]): void;
  /** Count events that won't arrive. */
  lose(reason: string, events: number): void;
}

export function courier({ endpoint, key }: Options, sender: Sender): Courier {
  const { agreed, explain, lose } = sender;
  /** What waits; a batch that is under way isn't here. */
  const outbox: Batch[] = [];
  let vault: Vault | undefined;
  let pumping: Promise<void> | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let wake = nothing;

  const rest = (ms: number): Promise<void> => {
    explain("not sent; again in", ms, "ms");
    return new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, ms);
    });
  };

  /** Send a batch; undefined when that is settled, else it waits again, for so many ms at least. */
  const send = async (batch: Batch, body: Body, leaving?: boolean): Promise<number | undefined> => {
    const [status, afterMs] = await post(endpoint, body, leaving);
    if ((!status || status === 408 || status === 429 || status > 499) && agreed() !== false) {
      outbox.unshift(batch);
      return afterMs;
    }
    batch.recall?.();
    vault?.unstow(batch);
    const events = batch.lines.length;
    if (status > 399 && status !== HAS_IT) {
      explain("refused:", status);
      lose("refused", events);
    } else explain("sent", events, "events");
    return undefined;
  };

  const empty = async (): Promise<void> => {
    await undefined; // until `pumping` says so
    for (let batch = outbox[0]; batch && agreed(); batch = outbox[0]) {
      const body = await pack(bodyOf(batch, key));
      if (batch !== outbox[0]) continue; // meanwhile it was sent because the page may go, or the visitor declined
      outbox.shift();
      const afterMs = await send(batch, body);
      if (afterMs === undefined) {
        pauseMs = FIRST_PAUSE_MS;
        continue;
      }
      if (!vault) for (const left of outbox) left.recall ??= postLater(endpoint, await pack(bodyOf(left, key)));
      await rest(Math.min(LONGEST_AFTER_MS, Math.max(afterMs, pauseMs * (0.75 + Math.random() / 2))));
      pauseMs = Math.min(1.5 * pauseMs, LONGEST_PAUSE_MS);
    }
    pumping = undefined;
  };

  const pump = (): Promise<void> => (pumping ??= empty());

  const keep = (batch: Batch): void => {
    if (!agreed()) return;
    if (vault) return vault.stow(batch);
    batch.recall?.();
    batch.recall = postLater(endpoint, plain(bodyOf(batch, key)));
  };

  return {
    full: () => outbox.length >= MOST_BATCHES,
    forgetAll() {
      for (const { recall } of outbox.splice(0)) recall?.();
      forget(key);
      wake();
    },
    storeAs(tab) {
      if (vault) return;
      try {
        vault = openVault(key, tab, sender);
        outbox.forEach(vault.stow);
        vault.recover((batch) => {
          if (outbox.length < MOST_RECOVERED) outbox.push(batch);
          void pump();
        });
      } catch (error) {
        explain(error);
      }
    },
    keep,
    takeOver(batch) {
      if (vault || batch.recall) keep(batch);
      outbox.push(batch);
    },
    pump,
    wakeUp: () => wake(),
    leave() {
      for (const batch of outbox.splice(0)) {
        batch.recall?.();
        void send(batch, plain(bodyOf(batch, key)), true).then(pump);
      }
    },
  };
}
