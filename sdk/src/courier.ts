import { type Batch, bodyOf } from "./batch";
import type { Options } from "./options";
import { pack, plain, post, postLater } from "./transport";
import { forget, openVault, type Vault } from "./vault";

const MOST_BATCHES = 40;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Brings batches to the server, each until it is taken, and keeps them safe meanwhile. */
export interface Courier {
  /** Whether no more batches can wait. */
  full(): boolean;
  /** Whether batches may be sent; who declines (false) leaves nothing behind, in memory or on the device. */
  allow(consent: boolean | undefined): void;
  /** From now on batches wait on the device too, and what dead tabs left there is sent. */
  store(): void;
  /** Keep a batch safe that isn't to be sent yet: on the device, or else with the browser. */
  keep(batch: Batch): void;
  /** Take over a batch that grows no more. */
  add(batch: Batch): void;
  /** Send what there is; resolves when all of it is taken. */
  pump(): Promise<void>;
  /** Wait no longer: there is a network again, or nothing to wait for. */
  wake(): void;
  /** The page may be gone after this: everything is sent at once, without waiting for anything. */
  leave(): void;
  /** The page is shown again, out of the back/forward cache. */
  back(): void;
  /** What waits on the device is left to other tabs. */
  away(): void;
}

export type Explain = (...words: unknown[]) => void;

export function courier({ endpoint, key }: Options, tab: string, explain: Explain): Courier {
  const outbox: Batch[] = [];
  const flying = new Set<Batch>();
  let vault: Vault | undefined;
  let left: AbortController | undefined;
  let pumping: Promise<void> | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let allowed = false;
  let sleepers: (() => void)[] = [];

  const wake = (): void => {
    const woken = sleepers;
    sleepers = [];
    for (const wakeUp of woken) wakeUp();
  };

  const rest = (ms: number): Promise<void> => {
    explain("not sent; again in", ms, "ms");
    return new Promise((resolve) => {
      sleepers.push(resolve);
      setTimeout(resolve, ms);
    });
  };

  const settled = (batch: Batch): void => {
    vault?.drop(batch);
    const at = outbox.indexOf(batch);
    if (at >= 0) outbox.splice(at, 1);
  };

  /** Send a batch until it is taken; false where the visitor declined before. */
  const deliver = async (batch: Batch): Promise<boolean> => {
    for (;;) {
      const body = await pack(bodyOf(batch, key));
      if (!allowed) return false;
      flying.add(batch);
      const afterMs = await post(endpoint, body);
      flying.delete(batch);
      if (afterMs === undefined) {
        pauseMs = FIRST_PAUSE_MS;
        explain("sent", batch.lines.length, "events");
        return true;
      }
      await rest(Math.max(afterMs, pauseMs * (0.75 + Math.random() / 2)));
      pauseMs = Math.min(1.5 * pauseMs, LONGEST_PAUSE_MS);
    }
  };

  const empty = async (): Promise<void> => {
    for (let batch = outbox[0]; batch && allowed; batch = outbox[0]) {
      if (await deliver(batch)) settled(batch);
    }
  };

  const pump = (): Promise<void> => (pumping ??= empty().finally(() => (pumping = undefined)));

  return {
    full: () => outbox.length >= MOST_BATCHES,
    allow(consent) {
      allowed = !!consent;
      if (consent !== false) return;
      outbox.length = 0;
      left?.abort();
      forget(key);
      wake();
    },
    store() {
      if (vault) return;
      try {
        const opened = (vault = openVault(key, tab));
        opened.hold();
        outbox.forEach(opened.put);
        setTimeout(() => opened.recover(deliver));
      } catch {
        explain("no storage");
      }
    },
    keep(batch) {
      if (!allowed) return;
      if (vault) return vault.put(batch);
      left?.abort();
      left = new AbortController();
      postLater(endpoint, plain(bodyOf(batch, key)), left.signal);
    },
    add(batch) {
      left?.abort();
      if (allowed) vault?.put(batch);
      outbox.push(batch);
    },
    pump,
    wake,
    leave() {
      for (const batch of outbox) {
        if (flying.has(batch)) continue;
        flying.add(batch);
        void post(endpoint, plain(bodyOf(batch, key)), true).then((afterMs) => {
          flying.delete(batch);
          if (afterMs === undefined) settled(batch);
          else void pump();
        });
      }
    },
    back: () => vault?.hold(),
    away: () => vault?.release(),
  };
}
