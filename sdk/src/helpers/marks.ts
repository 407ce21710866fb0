import type { Policy } from "../options.js";
import { attempt } from "./page.js";

/**
 * What the ledger notes of one save: revision, salt, owner, hashes of the messages, length and hash of the content. It
 * stands before the content, in the same write, and by itself as the intent to write it; then with the last revision that
 * was done, and why this one failed.
 */
export interface Mark {
  r: number;
  s: string;
  o?: string | undefined;
  m: string[];
  n: number;
  h: string;
  d: number;
  f?: string | undefined;
}

const ROOM = 1_024;

/** Content with a mark before it begins like this. */
export const HEAD = "\u0001";

/** The mark before a content, if it has one, and the content. */
export function splitMark(raw: string | null): [Mark | undefined, string | null] {
  if (raw?.[0] !== HEAD) return [undefined, raw];
  const end = raw.indexOf("\n");
  const mark = attempt(() => JSON.parse(raw.slice(1, end)) as Mark);
  return mark?.m ? [mark, raw.slice(end + 1)] : [undefined, null];
}

/** Of a length that leaves the next mark room where the storage is full. */
const padded = (text: string): string => text.padEnd(ROOM * Math.ceil(text.length / ROOM));

/**
 * How to read and write the intents, which are in the storage that lasts as long as the policy promises, if it promises
 * any. Writing says whether it could be done; undefined takes away what there is.
 */
export function markBook(
  policy: Policy,
  name: string,
): [read: () => Mark | null | undefined, write: (mark: Mark | undefined) => boolean | undefined] {
  const area = attempt(() => ({ persist: localStorage, session: sessionStorage, ephemeral: undefined })[policy]);
  return [
    () => attempt(() => JSON.parse(area!.getItem(name)!) as Mark | null),
    (mark) => attempt(() => (mark ? area!.setItem(name, padded(JSON.stringify(mark))) : area!.removeItem(name), !!mark)),
  ];
}
