/** A batch: an id under which the server takes it once, and its events as JSON. */
export interface Batch {
  id: string;
  context: object;
  /** The share of sessions that send, as it was for these events. */
  sample: number;
  lines: string[];
}

/** So many batches of a tab that is gone are sent in one visit; the next one goes on. */
const MOST_RECOVERED = 20;

/**
 * Batches that wait in localStorage, under the tab that made them. Each tab holds a lock of its name while it lives, so
 * that another one sends what a dead tab left, and only what a dead tab left.
 */
export class Vault {
  private readonly prefix: string;
  private release: () => void = () => {};

  constructor(
    key: string,
    private readonly tab: string,
    private readonly area: Storage,
  ) {
    this.prefix = `chatvitals:${key}:`;
    this.hold();
  }

  private locks(): LockManager | undefined {
    return navigator.locks;
  }

  private hold(): void {
    void this.locks()
      ?.request(this.prefix + this.tab, () => new Promise<void>((resolve) => (this.release = resolve)))
      .catch(() => {});
  }

  /** Keep a batch, anew if it has grown; where there is no room it stays in memory alone. */
  put(batch: Batch): void {
    try {
      this.area.setItem(this.name(batch), JSON.stringify(batch));
    } catch {
      // full, or taken away
    }
  }

  drop(batch: Batch): void {
    try {
      this.area.removeItem(this.name(batch));
    } catch {
      // storage was taken away; so was the batch
    }
  }

  private name(batch: Batch): string {
    return `${this.prefix}${this.tab}:${batch.id}`;
  }

  /** Forget everything that was ever kept for this key, as who declines may expect. */
  clear(): void {
    for (const name of this.names(this.prefix)) this.area.removeItem(name);
  }

  /** Hand over the batches of tabs that are gone; each is forgotten once `settle` says that it was taken. */
  recover(settle: (batch: Batch) => Promise<boolean>): void {
    for (const tab of this.tabs()) {
      const resend = async () => {
        for (const name of this.names(`${this.prefix}${tab}:`).slice(0, MOST_RECOVERED)) {
          const batch = readable(this.area.getItem(name));
          if (!batch || (await settle(batch))) this.area.removeItem(name);
        }
      };
      const locks = this.locks();
      const work = locks
        ? locks.request(this.prefix + tab, { ifAvailable: true }, (lock) => lock && resend())
        : resend();
      void work.catch(() => {});
    }
  }

  private tabs(): Set<string> {
    const names = this.names(this.prefix).map((name) => name.slice(this.prefix.length).split(":")[0] as string);
    return new Set(names.filter((tab) => tab !== this.tab));
  }

  private names(prefix: string): string[] {
    try {
      return Object.keys(this.area).filter((name) => name.startsWith(prefix));
    } catch {
      return [];
    }
  }

  close(): void {
    this.release();
  }
}

function readable(text: string | null): Batch | undefined {
  try {
    const batch = JSON.parse(text as string);
    return Array.isArray(batch.lines) ? batch : undefined;
  } catch {
    return undefined; // another script's, or half of one
  }
}
