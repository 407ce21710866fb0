import type { Handle } from "chatvitals";
import { type Answer, type Area, followMessages, keepConversation, measureAnswer } from "chatvitals/helpers";
import { type Line, openLine } from "./line";
import { inOrder, type Message } from "./message";
import { NAMES } from "./storage";

/** What a conversation needs of the widget around it. */
export interface Surroundings {
  vitals: Handle;
  area: Area;
  fetch: typeof fetch;
  identity: string | undefined;
  /** Put a message on screen, or what is new of it. */
  draw(message: Message, interrupted?: boolean): void;
  /** A message is new here, and other tabs don't know it yet. */
  share(message: Message): void;
  connected(is: boolean): void;
  report(error: unknown): void;
}

/** One conversation: its messages, kept here and put down at the back end. */
export interface Conversation {
  readonly id: string;
  /** Read back what was kept. False where it is somebody else's. */
  restore(): Promise<boolean>;
  /** Go live. */
  connect(): void;
  say(text: string): void;
  /** Take over what another tab shared. */
  takeOver(message: Message): void;
  /** A message has been painted. */
  shown(message: string): void;
  count(): number;
  /** The visitor is done with it: nothing of it stays in this browser. */
  end(): Promise<void>;
  /** Another tab ended it. */
  leave(): void;
}

/** How long an answer that was cut off may take to turn up after all. */
const TRUNCATED_MS = 10_000;

export function openConversation(id: string, around: Surroundings): Conversation {
  const { vitals, area, identity, draw, share, report } = around;
  const ledger = keepConversation(vitals, { id, name: NAMES.content, area, identity });
  const course = followMessages(vitals, id);
  const messages = new Map<string, Message>();
  /** Said here, and not yet confirmed by the back end. */
  const unsent = new Set<string>();
  /** Answers that are being written, by the question. */
  const answers = new Map<string, Answer>();
  const drafts = new Map<string, string>();
  const painted = new Set<string>();
  const told = new Set<string>();
  let line: Line | undefined;

  const ordered = (): Message[] => inOrder(messages.values());

  const keep = (): void => {
    const now = ordered();
    ledger.save(JSON.stringify(now), now.map((message) => message.id)).catch(report);
  };

  /** Up to which ordinal every message is here. */
  const complete = (): number => {
    const here = new Set([...messages.values()].map(({ ordinal }) => ordinal));
    let ordinal = -1;
    while (here.has(ordinal + 1)) ordinal++;
    return ordinal;
  };

  const tellRendered = (message: string): void => {
    const ordinal = messages.get(message)?.ordinal;
    if (ordinal === undefined || told.has(message) || !painted.has(message)) return;
    told.add(message);
    course.rendered(message, ordinal);
  };

  const put = (message: Message): void => {
    messages.set(message.id, message);
    drafts.delete(message.id);
    draw(message);
    tellRendered(message.id);
  };

  const send = (message: Message): void => {
    if (line?.send(message.id, message.text) && !answers.has(message.id)) {
      answers.set(message.id, measureAnswer(vitals));
    }
  };

  const finish = (question: string, outcome: Parameters<Answer["end"]>[0]): void => {
    answers.get(question)?.end(outcome);
    answers.delete(question);
  };

  /** Fetch what the back end has and this tab hasn't; returns how many messages that was. */
  const catchUp = async (newest: number): Promise<number> => {
    course.newest(newest);
    const after = complete();
    if (newest <= after) return 0;
    const answer = await around.fetch(`/api/conversations/${encodeURIComponent(id)}?after=${after}`);
    if (!answer.ok) throw new Error(`history: ${answer.status}`);
    const missed = ((await answer.json()) as { messages: Required<Message>[] }).messages;
    for (const message of missed) {
      unsent.delete(message.id);
      course.received(message.id, message.ordinal);
      put(message);
    }
    keep();
    return missed.length;
  };

  const hear = (said: Parameters<Parameters<typeof openLine>[2]["heard"]>[0]): void => {
    if (said.type === "ack") {
      const message = messages.get(said.id);
      if (!message) return;
      unsent.delete(said.id);
      course.acked(said.id, said.ordinal);
      finishPutting({ ...message, ordinal: said.ordinal });
    } else if (said.type === "chunk") {
      const text = (drafts.get(said.id) ?? "") + said.text;
      drafts.set(said.id, text);
      draw({ id: said.id, author: "assistant", text });
      answers.get(said.to)?.chunk();
    } else if (said.type === "done") {
      const text = (drafts.get(said.id) ?? "").trimEnd();
      finish(said.id.replace(/-answer$/, ""), "complete");
      course.received(said.id, said.ordinal);
      finishPutting({ id: said.id, author: "assistant", text, ordinal: said.ordinal });
    } else catchUp(said.newest).then(() => settle(), report);
  };

  const finishPutting = (message: Message): void => {
    put(message);
    keep();
    share(message);
  };

  /** What was being answered when the line broke: did the answer come after all? */
  const settle = (last = false): void => {
    for (const question of answers.keys()) {
      const answer = `${question}-answer`;
      if (messages.has(answer)) finish(question, "resumed");
      else if (last) {
        finish(question, "truncated");
        draw({ id: answer, author: "assistant", text: drafts.get(answer) ?? "" }, true);
      }
    }
  };

  return {
    id,

    async restore() {
      const { content, identityMatches } = await ledger.restore();
      if (identityMatches === false) return false;
      const before = content ? (JSON.parse(content) as Message[]) : [];
      for (const message of before) {
        messages.set(message.id, message);
        draw(message);
        if (message.ordinal === undefined && message.author === "visitor") unsent.add(message.id);
        else told.add(message.id);
      }
      const newest = before.filter(({ ordinal }) => ordinal !== undefined).pop();
      if (newest) {
        told.delete(newest.id); // what is on screen goes up to here; that it does is told once
        requestAnimationFrame(() => this.shown(newest.id));
      }
      return true;
    },

    connect() {
      line = openLine(vitals, id, {
        heard: hear,
        async connected(newest) {
          const missed = await catchUp(newest);
          const interrupted = answers.size;
          settle();
          if (interrupted) setTimeout(settle, TRUNCATED_MS, true);
          around.connected(true);
          for (const message of unsent) send(messages.get(message)!);
          return missed;
        },
        gone: () => around.connected(false),
      });
    },

    say(text) {
      const message: Message = { id: crypto.randomUUID(), author: "visitor", text };
      unsent.add(message.id);
      course.sent(message.id);
      put(message);
      keep();
      share(message);
      send(message);
    },

    takeOver(message) {
      const here = messages.get(message.id);
      if (here && (here.ordinal !== undefined || message.ordinal === undefined)) return;
      put(message);
    },

    shown(message) {
      painted.add(message);
      tellRendered(message);
    },

    count: () => messages.size,

    async end() {
      this.leave();
      await ledger.clear();
    },

    leave() {
      line?.close();
      for (const question of answers.keys()) finish(question, "aborted");
    },
  };
}
