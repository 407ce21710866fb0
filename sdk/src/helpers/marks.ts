import type { Handle } from "../index";
import { attempt } from "./page";

/**
 * What the ledger notes of one save: revision, salt, owner, hashes of the messages, length and hash of the content, and
 * why writing it failed. It stands before the content, in the same write, and by itself as the intent to write it.
 */
export interface Mark {
  r: number;
  s: string;
  o?: string | undefined;
  m: string[];
  n: number;
  h: string;
  f?: string | undefined;
}

/** Content with a mark before it begins like this. */
export const HEAD = "\u0001";

/** The mark before a content, if it has one, and the content. */
export function splitMark(raw: string | null): [Mark | undefined, string | null] {
  if (raw?.[0] !== HEAD) return [undefined, raw];
  const end = raw.indexOf("\n");
  const mark = attempt(() => JSON.parse(raw.slice(1, end)) as Mark);
  return mark?.m ? [mark, raw.slice(end + 1)] : [undefined, null];
}

/** Intents, and which of them was done, in the storage that lasts as long as the policy promises, if it promises any. */
export function markBook({ policy }: Handle, name: string) {
  const area = attempt(() => (policy === "persist" ? localStorage : policy === "session" ? sessionStorage : undefined));
  const intent = `${name}:intent`;
  const done = `${name}:done`;
  const put = (key: string, value: string): boolean | undefined => attempt(() => (area!.setItem(key, value), true));
  const book = {
    read: (): Mark | undefined => attempt(() => JSON.parse(area!.getItem(intent)!)) ?? undefined,
    /** False where it can't be written. */
    intend: (mark: Mark) => put(intent, JSON.stringify(mark)),
    /** The revision that was written last. */
    done: () => Number(attempt(() => area!.getItem(done))),
    finish: ({ r }: Mark) => put(done, `${r}`),
    clear: (): undefined => void attempt(() => [intent, done].forEach((key) => area!.removeItem(key))),
    /** Begin anew with what is there. */
    settle(mark: Mark | undefined) {
      book.clear();
      if (mark && book.intend(mark)) book.finish(mark);
    },
  };
  return book;
}
