import type { PersistenceEvent } from "../events.js";
import type { Handle } from "../index.js";
import { plain } from "../transport.js";
import { nameOf, stopwatch } from "./page.js";

/** What a conversation is kept in: the three methods of Web Storage, answering at once or with promises. */
export interface Area {
  getItem(name: string): string | null | Promise<string | null>;
  setItem(name: string, value: string): void | Promise<void>;
  removeItem(name: string): void | Promise<void>;
}

/** A storage that does and throws what the one behind it does, and is measured. */
export type Measured<A extends Area> = Pick<A, keyof Area>;

/**
 * Measure every save, restore and delete of a storage, with its errors. `open` is asked for it at each call, as in
 * `() => localStorage`: where storage is blocked, asking is what throws.
 */
export function measureStorage<A extends Area>(
  vitals: Handle,
  open: () => A,
  storage: NonNullable<PersistenceEvent["storage"]> = "localStorage",
): Measured<A> {
  const run = <T>(operation: PersistenceEvent["operation"], act: (area: A) => T, value?: string): T => {
    const elapsed = stopwatch();
    const told = (found: unknown, errorType?: string): void => {
      const duration = elapsed();
      const text = value ?? found;
      const bytes = text ? plain(text as string).length : undefined;
      vitals.trackPersistence({ operation, success: !errorType, duration, storage, bytes, errorType });
    };
    const failed = (error: unknown): void => told(undefined, nameOf(error));
    try {
      const result = act(open());
      if (result instanceof Promise) result.then(told, failed);
      else told(result);
      return result;
    } catch (error) {
      failed(error);
      throw error;
    }
  };
  return {
    getItem: (name) => run("restore", (area) => area.getItem(name)),
    setItem: (name, value) => run("save", (area) => area.setItem(name, value), value),
    removeItem: (name) => run("delete", (area) => area.removeItem(name)),
  } as Measured<A>;
}

/** IndexedDB with the methods of Web Storage, as promises; each call is one transaction. */
export function indexedDbArea(name: string): {
  getItem(name: string): Promise<string | null>;
  setItem(name: string, value: string): Promise<void>;
  removeItem(name: string): Promise<void>;
} {
  const STORE = "kept";
  let opened: Promise<IDBDatabase> | undefined;
  const open = (): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        // when another tab deletes it, and when the browser has closed it
        database.onversionchange = database.onclose = () => {
          opened = undefined;
          database.close();
        };
        resolve(database);
      };
    });
  const run = async <T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    opened ??= open();
    opened.catch(() => (opened = undefined));
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  };
  return {
    getItem: async (key) => (await run<string | undefined>("readonly", (store) => store.get(key))) ?? null,
    setItem: async (key, value) => void (await run("readwrite", (store) => store.put(value, key))),
    removeItem: (key) => run("readwrite", (store) => store.delete(key)),
  };
}
