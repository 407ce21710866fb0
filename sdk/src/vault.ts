import type { Batch } from "./batch.js";
import { madeMs } from "./ids.js";
import { listen, type Measuring } from "./listen.js";
import { attempt, nothing } from "./quiet.js";

/** So much text may wait, of all tabs together: a page's storage is 5 MB, and the host's. */
const MOST_LENGTH = 400_000;
/** The server remembers for 48 h which batches it has; what is sent later could be counted twice. */
const LONGEST_MS = 47 * 3_600_000;
/** A batch doesn't grow for longer. */
const GROWN_MS = 10_000;

/** Batches that wait on the device. */
export interface Vault {
  /** Keep a batch, anew if it has grown; where there is no room it stays in memory alone. */
  stow(batch: Batch): void;
  unstow(batch: Batch): void;
  /** Hand over the batches of tabs that are gone. They stay where they are until they are unstowed. */
  recover(take: (batch: Batch) => void): void;
}

const prefixOf = (key: string): string => `chatvitals:${key}:`;

/** Names in the storage that begin so, the oldest batches first. */
const names = (prefix: string): string[] =>
  Object.keys(localStorage)
    .filter((name) => name.startsWith(prefix))
    .sort();

const remove = (name: string): void => attempt(() => localStorage.removeItem(name));

/** Forget everything that was ever kept for this key, as who declines may expect. */
export const forget = (key: string): void => attempt(() => names(prefixOf(key)).forEach(remove));

/**
 * Keep batches in localStorage, under their id and the tab that made them. Each tab holds a lock of its name while it
 * lives, so that another one sends what a dead tab left, and only what a dead tab left; without locks, what is too old to
 * grow. Throws where there is no storage.
 */
export function openVault(key: string, tab: string, measuring: Measuring): Vault {
  const prefix = prefixOf(key);
  const { locks } = navigator as { locks?: LockManager };

  /** Hold a tab's lock until this page goes: one that held on in the back/forward cache would be thrown out of it. */
  const hold = (name: string, ifAvailable: boolean, held: () => void): void => {
    const holding = (lock: unknown): unknown =>
      lock &&
      new Promise((gone) => {
        held();
        listen(measuring, "pagehide", gone);
        measuring.ended.addEventListener("abort", gone);
      });
    if (locks) void locks.request(prefix + name, { ifAvailable }, holding).catch(nothing);
    else held();
  };
  const holdOwn = (): void => hold(tab, false, nothing);

  names(prefix);
  holdOwn();
  listen(measuring, "pageshow", ({ persisted }: PageTransitionEvent) => persisted && holdOwn());

  return {
    stow: (batch) =>
      attempt(() => {
        localStorage.setItem(`${prefix}${batch.id}:${tab}`, JSON.stringify(batch));
        let room = MOST_LENGTH;
        for (const name of names(prefix).reverse()) {
          room -= localStorage.getItem(name)!.length;
          if (room < 0) remove(name);
        }
      }),
    unstow: ({ id }) => attempt(() => names(prefix + id).forEach(remove)),
    recover(take) {
      const grownMs = locks ? 0 : GROWN_MS;
      setTimeout(() => {
        const tabOf = (name: string): string => name.replace(/.*:/, "");
        const dead = new Set(names(prefix).map(tabOf));
        dead.delete(tab);
        for (const from of dead) {
          hold(from, true, () => {
            for (const name of names(prefix)) {
              const ageMs = Date.now() - madeMs(name.slice(prefix.length));
              if (tabOf(name) !== from || ageMs < grownMs) continue;
              const batch = attempt(() => JSON.parse(localStorage.getItem(name)!) as Batch);
              if (ageMs < LONGEST_MS && Array.isArray(batch?.lines)) take(batch);
              else remove(name);
            }
          });
        }
      }, grownMs);
    },
  };
}
