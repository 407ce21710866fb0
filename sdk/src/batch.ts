/** What travels together: an id under which the server takes it once, and its events as JSON. */
export interface Batch {
  id: string;
  context: object;
  /** The share of sessions that send, as it was for these events. */
  sample: number;
  lines: string[];
  /** Take back what the browser was left to send of it. */
  recall?: () => void;
}

/** A batch as the server reads it. */
export function bodyOf({ id, context, sample, lines }: Batch, key: string): string {
  const head = JSON.stringify({ key, batch: id, sentAt: Date.now(), sample, context });
  return `${head.slice(0, -1)},"events":[${lines}]}`;
}
