import type { Batch } from "./batch";
import { attempt } from "./quiet";

/** So many batches of a tab that is gone are sent in one visit; the next one goes on. */
const MOST_RECOVERED = 20;

/** Batches that wait on the device. */
export interface Vault {
  /** Keep a batch, anew if it has grown; where there is no room it stays in memory alone. */
  put(batch: Batch): void;
  drop(batch: Batch): void;
  /** Hand over the batches of tabs that are gone; each is forgotten once `settle` says that it was taken. */
  recover(settle: (batch: Batch) => Promise<boolean>): void;
  /** Say that this tab lives, and what is here is its own. */
  hold(): void;
  /** Let another tab have what is left here: a page in the back/forward cache that held on would be thrown out of it. */
  release(): void;
}

const prefixOf = (key: string): string => `chatvitals:${key}:`;

const names = (prefix: string): string[] => Object.keys(localStorage).filter((name) => name.startsWith(prefix));

const remove = (name: string): void => attempt(() => localStorage.removeItem(name));

/** Undefined where it is another script's, or half of one. */
const readable = (name: string): Batch | undefined =>
  attempt(() => {
    const batch = JSON.parse(localStorage.getItem(name)!);
    return Array.isArray(batch.lines) ? batch : undefined;
  });

/** Forget everything that was ever kept for this key, as who declines may expect. */
export const forget = (key: string): void => attempt(() => names(prefixOf(key)).forEach(remove));

/**
 * Keep batches in localStorage, under the tab that made them. Each tab holds a lock of its name while it lives, so that
 * another one sends what a dead tab left, and only what a dead tab left. Throws where there is no storage.
 */
export function openVault(key: string, tab: string): Vault {
  const prefix = prefixOf(key);
  const own = `${prefix}${tab}:`;
  const { locks } = navigator as { locks?: LockManager };
  let release = (): void => {};
  names(own);

  return {
    hold() {
      void locks?.request(own, () => new Promise<void>((resolve) => (release = resolve))).catch(() => {});
    },
    put: (batch) => attempt(() => localStorage.setItem(own + batch.id, JSON.stringify(batch))),
    drop: (batch) => remove(own + batch.id),
    recover(settle) {
      const tabs = new Set(names(prefix).map((name) => name.slice(prefix.length).split(":")[0]));
      tabs.delete(tab);
      for (const dead of tabs) {
        const left = `${prefix}${dead}:`;
        const resend = async () => {
          for (const name of names(left).slice(0, MOST_RECOVERED)) {
            const batch = readable(name);
            if (!batch || (await settle(batch))) remove(name);
          }
        };
        const work = locks ? locks.request(left, { ifAvailable: true }, (lock) => lock && resend()) : resend();
        void work.catch(() => {});
      }
    },
    release: () => release(),
  };
}
