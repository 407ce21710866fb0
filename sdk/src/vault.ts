/** A batch: an id under which the server takes it once, and its events as JSON. */
export interface Batch {
  id: string;
  context: object;
  lines: string[];
}

const LOST_AFTER = 20;

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

  /** Keep a batch, anew if it has grown. Whether there was room. */
  put(batch: Batch): boolean {
    try {
      this.area.setItem(this.name(batch), JSON.stringify(batch));
      return true;
    } catch {
      return false;
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

  /** Hand over the batches of tabs that are gone. They stay where they are until `settle` says that they were taken. */
  recover(settle: (batch: Batch) => Promise<unknown>): void {
    for (const tab of this.tabs()) {
      const resend = async () => {
        for (const name of this.names(`${this.prefix}${tab}:`).slice(0, LOST_AFTER)) {
          await settle(JSON.parse(this.area.getItem(name) as string));
          this.area.removeItem(name);
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
