import type { LossEvent } from "../events.js";
import type { Handle } from "../index.js";
import { HEAD, type Mark, markBook, splitMark } from "./marks.js";
import { nothing } from "../quiet.js";
import { attempt, hash, listen, nameOf, pause, stopwatch } from "./page.js";
import type { Area } from "./storage.js";

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

/** What one tab overwrote of another's may come to it by then, or be saved again by the other. */
const SYNCED_MS = 2_000;

/** Another tab may be between its intent and its content for so long. */
const COMMIT_MS = 150;

/** How many known messages a list lacks. Those before the first that it has were let go on purpose. */
function missing(known: string[], found: string[]): number {
  const there = new Set(found);
  const first = known.findIndex((message) => there.has(message));
  return known.filter((message, at) => at > first && !there.has(message)).length;
}

/** Keep the ledger of a conversation. */
export function keepConversation(vitals: Handle, { id: conversationId, name, area, identity }: Kept): Ledger {
  const [intended, note] = markBook(vitals.policy, `${name}:ledger`);
  const noted = intended();
  let salt = noted?.s ?? hash(`${Math.random()}`);
  let revision = noted?.r ?? 0;
  /** Whether the storage answers with promises. */
  let slow = false;
  /** What the next start can't tell, because nothing could be written. */
  let atRisk: Mark | undefined;
  /** What this tab overwrote of another's, while it isn't sure that it is lost. */
  let overwritten: string[] = [];
  let telling: number | undefined;
  let saved: string[] = [];

  const owner = (): string | undefined => identity && hash(salt + identity);
  const lose = (hop: LossEvent["hop"], lost: number, errorType?: string): void => {
    if (lost) vitals.trackLoss({ conversationId, hop, lost, errorType });
  };
  const tellOverwritten = (): void => {
    lose("sync", missing(overwritten, intended()?.m ?? saved), "StaleTab");
    overwritten = [];
  };
  /** One after the other over all tabs, while the page still has time, and where it may have locks. */
  const inTurn = async <T>(act: () => Promise<T>): Promise<T> => {
    let acting: Promise<T> | undefined;
    const once = (): Promise<T> => (acting ??= act());
    if (!document.hidden) await attempt(() => navigator.locks.request(`chatvitals:${name}`, once).catch(nothing));
    return once();
  };

  const commit = async (content: string, messages: string[]): Promise<void> => {
    const known = intended();
    salt = known?.s ?? salt;
    const m = messages.map((message) => hash(salt + message));
    if (known && known.r > revision && known.d === known.r) {
      overwritten = [...new Set([...overwritten, ...known.m])];
      clearTimeout(telling);
      telling = setTimeout(tellOverwritten, SYNCED_MS);
    }
    revision = (known?.r ?? revision) + 1;
    const keeps = vitals.stores();
    const mark: Mark = { r: revision, s: salt, o: owner(), m, n: content.length, h: hash(content), d: known?.d ?? 0 };
    const written = note(keeps ? mark : undefined);
    try {
      await area.setItem(name, keeps ? `${HEAD}${JSON.stringify(mark)}\n${content}` : content);
      atRisk = undefined;
      saved = m;
      mark.d = mark.r;
      if (written && mark.r === revision) note(mark);
    } catch (error) {
      mark.f = nameOf(error);
      atRisk = written && note(mark) ? undefined : mark;
      throw error;
    }
  };

  const restore = async (expected = 0): Promise<Restored> => {
    const elapsed = stopwatch();
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
      return [intended(), ...splitMark(raw)] as const;
    };
    let [intent, head, content] = await look();
    if (intent && intent.r !== head?.r && !cause) {
      await pause(COMMIT_MS); // perhaps another tab is in the middle of it
      [intent, head, content] = await look();
    }
    const newer = intent ?? head;
    const known = newer?.m ?? [];
    const whole = !head || (content!.length === head.n && hash(content!) === head.h);
    const sound = whole ? head : undefined;
    salt = newer?.s ?? salt;
    revision = newer?.r ?? 0;
    saved = sound?.m ?? [];
    let lost = head || content === null ? missing(known, saved) : 0;
    if (lost) {
      if (!whole) cause = content!.length < head!.n ? "Torn" : "Corrupt";
      else if (!cause && intent!.d < intent!.r && (head || !intent!.d)) {
        hop = "save";
        cause = intent!.f ?? "Interrupted";
      } else cause ??= head ? "RolledBack" : "Evicted";
      note(sound && { ...sound, d: sound.r }); // told once: the next start begins with what was found
    } else if (content === null && !cause && expected) {
      lost = expected;
      cause = "Wiped";
    }
    lose(hop, lost, cause);
    const identityMatches = head?.o && identity ? head.o === owner() : undefined;
    if (content !== null || cause) {
      vitals.trackRestoration({
        success: !cause && identityMatches !== false,
        duration: elapsed(),
        expected: Math.max(expected, known.length),
        restored: saved.length,
        identityMatches,
        cause,
      });
    }
    return { content: whole ? content : null, lost, identityMatches };
  };

  listen(vitals, "pagehide", () => {
    if (atRisk) lose("save", missing(atRisk.m, saved), atRisk.f);
    atRisk = undefined;
    tellOverwritten();
  });

  return {
    save: (content, messages) => (slow ? inTurn(() => commit(content, messages)) : commit(content, messages)),
    restore: (expected) => inTurn(() => restore(expected)),
    clear: async () => {
      overwritten = [];
      note(undefined);
      return area.removeItem(name);
    },
  };
}
