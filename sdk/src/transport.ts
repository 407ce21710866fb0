/** What became of an attempt to send: taken for good, or to be tried again, not before so many ms if the server said. */
export type Sent = { done: true } | { done: false; afterMs: number };

/** Browsers let 64 KiB be under way at once with keepalive, over all of a page's requests. */
const KEEPALIVE_BYTES = 60_000;
const WORTH_PACKING = 1_000;
let keptAlive = 0;

const again = (afterMs = 0): Sent => ({ done: false, afterMs });

/** The body as it travels unpacked, under a type that needs no preflight. */
export const plain = (text: string): Blob => new Blob([text], { type: "text/plain" });

/** The body as it travels: gzip where the browser can and it is worth it. */
export async function pack(text: string): Promise<Blob> {
  const body = plain(text);
  if (typeof CompressionStream !== "function" || text.length < WORTH_PACKING) return body;
  try {
    const packed = await new Response(body.stream().pipeThrough(new CompressionStream("gzip"))).blob();
    return packed.slice(0, packed.size, body.type);
  } catch {
    return body;
  }
}

/** Send a body so that it outlives the page where it can. Never rejects. */
export async function post(url: string, body: Blob, leaving = false): Promise<Sent> {
  const keepalive = keptAlive + body.size < KEEPALIVE_BYTES;
  if (leaving && !keepalive) {
    navigator.sendBeacon?.(url, body); // its answer can't be seen: the batch stays where it is kept
    return again();
  }
  const held = keepalive ? body.size : 0;
  keptAlive += held;
  try {
    const { status, headers } = await fetch(url, { method: "POST", body, keepalive, credentials: "omit" });
    if (status !== 408 && status !== 429 && status < 500) return { done: true };
    return again(1_000 * Number(headers.get("retry-after")) || 0);
  } catch {
    return again();
  } finally {
    keptAlive -= held;
  }
}

type Later = (url: string, init: RequestInit) => unknown;

/** Leave a body with the browser, to be sent should the page die before `signal` takes it back. False where it can't. */
export function postLater(url: string, body: Blob, signal: AbortSignal): boolean {
  try {
    (window as unknown as { fetchLater: Later }).fetchLater(url, { method: "POST", body, credentials: "omit", signal });
    return true;
  } catch {
    return false; // not in this browser, not in this frame, or beyond what a page may leave
  }
}
