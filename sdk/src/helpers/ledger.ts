import type { LossEvent } from "../events";
import type { Handle } from "../index";
import { HEAD, type Mark, markBook, splitMark } from "./marks";
import { attempt, hash, listen, nameOf, now } from "./page";
import type { Area } from "./storage";

/** How a conversation is kept. */
export interface Kept {
  /** The conversation's id, as the back end knows it; it is hashed on the server. */
  id: string;
  /** Under which name its content is in the storage. */
  name: string;
  /** Where; `measureStorage` makes one that is measured too. */
  area: Area;
  /** Whose conversation it is, if the widget knows: only a salted hash is kept, and compared. */
  identity?: string | undefined;
}

/** What was found of a conversation at a start. */
export interface Restored {
  /** As it was saved; null where there is none, or what there is was damaged. */
  content: string | null;
  /** How many messages are missing that were known. */
  lost: number;
  /** False where it is another person's: don't show it. Undefined where nobody said whose it is. */
  identityMatches: boolean | undefined;
}

/** The ledger of what is kept of one conversation: which messages, and which became missing where. Never content. */
export interface Ledger {
  /**
   * Save the content, and with it the ids of the messages in it, in order. Into Web Storage it is written before this
   * returns. Rejects with the storage's own error.
   */
  save(content: string, messages: string[]): Promise<void>;
  /**
   * Read the content back and compare it with what is known to have been saved. `expected` is how many messages the back
   * end knows to have been saved by this browser, if it does: nothing else can tell that a storage was wiped.
   */
  restore(expected?: number): Promise<Restored>;
  /** The visitor ended the conversation: what goes now is not lost. */
  clear(): Promise<void>;
}

/** Another tab may be between its intent and its content for so long. */
const COMMIT_MS = 150;

function without(known: string[], found: string[]): string[] {
  const there = new Set(found);
  return known.filter((message) => !there.has(message));
}

/** Messages that a newer list should have. Those before the first that it has were let go on purpose. */
function overwritten(known: string[], newer: string[]): string[] {
  const first = known.findIndex((message) => newer.includes(message));
  return without(known.slice(Math.max(0, first)), newer);
}

/** Keep the ledger of a conversation. */
export function keepConversation(vitals: Handle, { id: conversationId, name, area, identity }: Kept): Ledger {
  const marks = markBook(vitals, name);
  let salt = marks.read()?.s ?? hash(`${Math.random()}`);
  let revision = marks.read()?.r ?? 0;
  /** Whether the storage answers with promises. */
  let slow = false;
  /** What the next start can't tell, because nothing could be written. */
  let atRisk: Mark | undefined;
  let saved: string[] = [];

  const owner = (): string | undefined => (identity === undefined ? identity : hash(salt + identity));
  const lose = (hop: LossEvent["hop"], { length }: ArrayLike<unknown>, errorType?: string): void => {
    if (length) vitals.trackLoss({ conversationId, hop, lost: length, errorType });
  };
  /** One after the other over all tabs, while the page still has time. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> =>
    (!document.hidden && attempt(() => navigator.locks.request(`chatvitals:${name}`, act) as Promise<T>)) || act();

  const commit = async (content: string, messages: string[]): Promise<void> => {
    const known = marks.read();
    salt = known?.s ?? salt;
    const m = messages.map((message) => hash(salt + message));
    if (known && known.r > revision && known.d === known.r) lose("sync", overwritten(known.m, m), "StaleTab");
    revision = (known?.r ?? revision) + 1;
    const keeps = vitals.stores();
    const mark: Mark = { r: revision, s: salt, o: owner(), m, n: content.length, h: hash(content), d: known?.d ?? 0 };
    const written = marks.write(keeps ? mark : undefined);
    try {
      await area.setItem(name, keeps ? `${HEAD}${JSON.stringify(mark)}\n${content}` : content);
      atRisk = undefined;
      saved = m;
      mark.d = mark.r;
      if (written && mark.r === revision) marks.write(mark);
    } catch (error) {
      mark.f = nameOf(error);
      atRisk = written && marks.write(mark) ? undefined : mark;
      throw error;
    }
  };

  const restore = async (expected = 0): Promise<Restored> => {
    const startedMs = now();
    let cause: string | undefined;
    let hop: LossEvent["hop"] = "restore";
    const look = async () => {
      let raw: string | null = null;
      try {
        const reading = area.getItem(name);
        slow = reading instanceof Promise;
        raw = await reading;
      } catch (error) {
        cause = nameOf(error);
      }
      return [marks.read(), ...splitMark(raw)] as const;
    };
    let [intent, head, content] = await look();
    if (intent && intent.r !== head?.r && !cause) {
      await new Promise((resolve) => setTimeout(resolve, COMMIT_MS)); // perhaps another tab is in the middle of it
      [intent, head, content] = await look();
    }
    const newer = intent ?? head;
    const known = newer?.m ?? [];
    const whole = !head || (content!.length === head.n && hash(content!) === head.h);
    const sound = whole ? head : undefined;
    salt = newer?.s ?? salt;
    revision = newer?.r ?? 0;
    saved = sound?.m ?? [];
    let lost: ArrayLike<unknown> = head || content === null ? without(known, saved) : [];
    if (lost.length) {
      if (!whole) cause = content!.length < head!.n ? "Torn" : "Corrupt";
      else if (!cause && intent!.d < intent!.r && (head || !intent!.d)) {
        hop = "save";
        cause = intent!.f ?? "Interrupted";
      } else cause ??= head ? "RolledBack" : "Evicted";
      marks.write(sound && { ...sound, d: sound.r }); // told once: the next start begins with what was found
    } else if (content === null && !cause && expected) {
      lost = { length: expected };
      cause = "Wiped";
    }
    lose(hop, lost, cause);
    const identityMatches = head?.o && identity !== undefined ? head.o === owner() : undefined;
    if (content !== null || cause) {
      vitals.trackRestoration({
        success: !cause && identityMatches !== false,
        duration: now() - startedMs,
        expected: Math.max(expected, known.length),
        restored: saved.length,
        identityMatches,
        cause,
      });
    }
    return { content: whole ? content : null, lost: lost.length, identityMatches };
  };

  listen(vitals, "pagehide", () => {
    if (atRisk) lose("save", without(atRisk.m, saved), atRisk.f);
    atRisk = undefined;
  });

  return {
    save: (content, messages) => (slow ? inTurn(() => commit(content, messages)) : commit(content, messages)),
    restore: (expected) => inTurn(() => restore(expected)),
    clear: async () => {
      marks.write(undefined);
      return area.removeItem(name);
    },
  };
}
