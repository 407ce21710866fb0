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

  const check = (upTo: number): void => {
    checking = undefined;
    if (newest > upTo || document.hidden) advance(newest);
    if (document.hidden) return; // nothing is painted there, and little comes in time
    const gone: number[] = [];
    const last = Math.min(upTo, Math.max(...came.keys()));
    for (let ordinal = Math.min(...came.keys()); ordinal < last; ordinal++) {
      if (came.has(ordinal)) continue;
      gone.push(ordinal);
      came.set(ordinal, false);
    }
    const lost = gone.length;
    if (lost) {
      const [firstSeq, lastSeq] = [gone[0], gone[lost - 1]];
      vitals.trackLoss({ conversationId, hop: "delivery", lost, firstSeq, lastSeq, errorType: "Gap" });
    }
    if (shown.size && shownTo < upTo) {
      vitals.trackMessage({ stage: "rendered", ordinal: shownTo, serverOrdinal: newest, conversationId });
    }
  };
  const advance = (ordinal: number): void => {
    const upTo = (newest = Math.max(newest, ordinal));
    checking ??= setTimeout(() => check(upTo), LATE_MS);
  };
  const arrived = (stage: "acked" | "received", message: string, ordinal: number): void => {
    const fromMs = sentMs.get(message);
    const latency = fromMs === undefined ? fromMs : now() - fromMs;
    const duplicate = came.get(ordinal) ?? ordinals.has(message);
    sentMs.delete(message);
    came.set(ordinal, true);
    ordinals.set(message, ordinal);
    advance(ordinal);
    vitals.trackMessage({ stage, ordinal, latency, duplicate, conversationId });
  };

  return {
    sent(message) {
      vitals.interacted();
      sentMs.set(message, now());
      vitals.trackMessage({ stage: "sent", ordinal: newest + 1, conversationId });
    },
    acked: (message, ordinal) => arrived("acked", message, ordinal),
    received: (message, ordinal) => arrived("received", message, ordinal),
    rendered(message, given) {
      if (given !== undefined) came.set(given, true);
      const ordinal = given ?? ordinals.get(message) ?? newest + 1;
      const duplicate = shown.has(message);
      shown.add(message);
      shownTo = Math.max(shownTo, ordinal);
      newest = Math.max(newest, given ?? newest);
      const serverOrdinal = ordinal < newest ? undefined : Math.max(newest, 0);
      vitals.trackMessage({ stage: "rendered", ordinal, duplicate, serverOrdinal, conversationId });
    },
    newest: advance,
  };
}
