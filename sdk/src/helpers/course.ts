import type { MessageEvent } from "../events";
import type { Handle } from "../index";
import { now } from "./page";

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
 * came twice is marked, what never came between two that did is a loss, and a screen that stays behind is stale.
 */
export function followMessages(vitals: Handle, conversationId: string): Course {
  const ordinals = new Map<string, number>();
  const sentMs = new Map<string, number>();
  const shown = new Set<string>();
  /** By ordinal, whether it came; false was missing once. */
  const came = new Map<number, boolean>();
  let newest = -1;
  let shownTo = -1;
  let checking: number | undefined;

  const tell = (stage: MessageEvent["stage"], ordinal: number, more?: Partial<MessageEvent>): void =>
    vitals.trackMessage({ stage, ordinal, conversationId, ...more });

  const check = (upTo: number): void => {
    checking = undefined;
    if (vitals.ended.aborted) return;
    if (newest > upTo || document.hidden) advance(newest);
    if (document.hidden) return; // nothing is painted there, and little comes in time
    const gone: number[] = [];
    const last = Math.min(upTo, Math.max(...came.keys()));
    for (let ordinal = Math.max(last - MOST_MISSED, Math.min(...came.keys())); ordinal < last; ordinal++) {
      if (came.has(ordinal)) continue;
      gone.push(ordinal);
      came.set(ordinal, false);
    }
    const lost = gone.length;
    const [firstSeq] = gone;
    if (lost) vitals.trackLoss({ conversationId, hop: "delivery", lost, firstSeq, lastSeq: gone.pop(), errorType: "Gap" });
    if (shown.size && shownTo < upTo) tell("rendered", shownTo, { serverOrdinal: newest });
  };
  const advance = (ordinal: number): void => {
    const upTo = (newest = Math.max(newest, ordinal));
    checking ??= setTimeout(() => check(upTo), LATE_MS);
  };
  const arrived = (stage: MessageEvent["stage"]) => (message: string, ordinal: number): void => {
    const from = sentMs.get(message);
    tell(stage, ordinal, {
      latency: from === undefined ? from : now() - from,
      duplicate: came.get(ordinal) ?? ordinals.has(message),
    });
    sentMs.delete(message);
    came.set(ordinal, true);
    ordinals.set(message, ordinal);
    advance(ordinal);
  };

  return {
    sent(message) {
      vitals.interacted();
      sentMs.set(message, now());
      tell("sent", newest + 1);
    },
    acked: arrived("acked"),
    received: arrived("received"),
    rendered(message, given = ordinals.get(message)) {
      const ordinal = given ?? newest + 1;
      if (given !== undefined) {
        came.set(ordinal, true);
        newest = Math.max(newest, ordinal);
      }
      shownTo = Math.max(shownTo, ordinal);
      tell("rendered", ordinal, {
        duplicate: shown.has(message),
        serverOrdinal: ordinal < newest ? undefined : Math.max(newest, 0),
      });
      shown.add(message);
    },
    newest: advance,
  };
}
