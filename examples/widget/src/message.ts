/** One message of a conversation, as it is kept and as tabs tell it each other. */
export interface Message {
  id: string;
  author: "visitor" | "assistant";
  text: string;
  /** The back end's number, from 0 without gaps; none until the back end has it. */
  ordinal?: number;
}

/** Messages in the order that the back end put them down; those it doesn't have yet come last, as they were written. */
export const inOrder = (messages: Iterable<Message>): Message[] =>
  [...messages].sort((one, other) => (one.ordinal ?? Infinity) - (other.ordinal ?? Infinity) || 0);
