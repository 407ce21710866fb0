import type { LossEvent, MessageEvent } from "../events.js";
import type { Handle } from "../index.js";
import { stopwatch } from "./page.js";

/** The course of one conversation's messages, by ordinal: sent, acknowledged, received, on screen. */
export interface Course {
  /** A message was handed to the connection. */
  sent(message: string): void;
  /** The back end took it, and gave it this ordinal. */
  acked(message: string, ordinal: number): void;
  /** A message came, with its ordinal. */
  received(message: string, ordinal: number): void;
  /** A message is on screen; its ordinal, where it was neither acked nor received on this page, as after a restore. */
  rendered(message: string, ordinal?: number): void;
  /** The back end says which ordinal the newest message has. */
  newest(ordinal: number): void;
}

/** A message may be late for so long, and up to twice that, before it is missing. */
const LATE_MS = 10_000;
/** Ordinals further back are not looked for. */
const MOST_MISSED = 1_000;

/**
 * Follow the messages of a conversation, whose ids the widget gives and whose ordinals the back end does, from 0. What
 * came twice is marked; what never came between two that did is a loss, and so is what came, and was overtaken on its way
 * to the screen; a screen that stays behind is stale.
 */
export function followMessages(vitals: Handle, conversationId: string): Course {
  const ordinals = new Map<string, number>();
  /** Since when each message that was sent is under way. */
  const underWay = new Map<string, () => number>();
  const shown = new Set<string>();
  /** By ordinal, whether it came; false was missing once. */
  const came = new Map<number, boolean>();
  /** Ordinals that came, and aren't on screen yet. */
  const unseen = new Set<number>();
  let newest = -1;
  let shownTo = -1;
  let checking: number | undefined;

  const tell = (stage: MessageEvent["stage"], ordinal: number, more?: Partial<MessageEvent>): void =>
    vitals.trackMessage({ stage, ordinal, conversationId, ...more });

  const lose = (hop: LossEvent["hop"], gone: number[]): void => {
    const lost = gone.length;
    const [firstSeq] = gone.sort((a, b) => a - b);
    if (lost) vitals.trackLoss({ conversationId, hop, lost, firstSeq, lastSeq: gone.pop(), errorType: "Gap" });
  };

  /** Ordinals that others overtook on their way to the screen. */
  const overtaken = (): number[] => [...unseen].filter((ordinal) => ordinal < shownTo);

  /** Look in a while whether what should be there now is there then. */
  const watch = (): void => {
    if (checking) return;
    const upTo = newest;
    const held = overtaken();
    checking = setTimeout(() => {
      checking = undefined;
      if (vitals.ended.aborted) return;
      if (document.hidden) return watch(); // nothing is painted there, and little comes in time
      const gone: number[] = [];
      const last = Math.min(upTo, Math.max(...came.keys()));
      for (let ordinal = Math.max(last - MOST_MISSED, Math.min(...came.keys())); ordinal < last; ordinal++) {
        if (came.has(ordinal)) continue;
        gone.push(ordinal);
        came.set(ordinal, false);
      }
      lose("delivery", gone);
      lose("render", held.filter((ordinal) => unseen.delete(ordinal)));
      if (shown.size && shownTo < upTo) tell("rendered", shownTo, { serverOrdinal: newest });
      if (newest > upTo || overtaken().length) watch();
    }, LATE_MS);
  };
  const advance = (ordinal: number): void => {
    newest = Math.max(newest, ordinal);
    watch();
  };
  const arrived = (stage: MessageEvent["stage"]) => (message: string, ordinal: number): void => {
    tell(stage, ordinal, {
      latency: underWay.get(message)?.(),
      duplicate: came.get(ordinal) ?? ordinals.has(message),
    });
    if (shown.has(message)) unseen.delete(ordinal);
    else if (!came.get(ordinal)) unseen.add(ordinal);
    underWay.delete(message);
    came.set(ordinal, true);
    ordinals.set(message, ordinal);
    advance(ordinal);
  };

  return {
    sent(message) {
      vitals.interacted();
      underWay.set(message, stopwatch());
      tell("sent", newest + 1);
    },
    acked: arrived("acked"),
    received: arrived("received"),
    rendered(message, given = ordinals.get(message)) {
      const ordinal = given ?? newest + 1;
      shownTo = Math.max(shownTo, ordinal);
      if (given !== undefined) {
        came.set(ordinal, true);
        unseen.delete(ordinal);
        newest = Math.max(newest, ordinal);
        if (unseen.size) watch();
      }
      tell("rendered", ordinal, {
        duplicate: shown.has(message),
        serverOrdinal: ordinal < newest ? undefined : Math.max(newest, 0),
      });
      shown.add(message);
    },
    newest: advance,
  };
}
