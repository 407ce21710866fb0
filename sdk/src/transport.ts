/** What became of an attempt to send: taken for good, or to be tried again, not before so many ms if the server said. */
export type Sent = { done: true } | { done: false; afterMs: number };

/** Browsers let 64 KiB be under way at once with keepalive, over all of a page's requests. */
const KEEPALIVE_BYTES = 60_000;
const WORTH_PACKING = 1_000;
let keptAlive = 0;

const again = (afterMs = 0): Sent => ({ done: false, afterMs });

/** The body as it travels: gzip under a type that needs no preflight, where the browser can and it is worth it. */
export async function pack(text: string): Promise<Blob> {
  const plain = new Blob([text], { type: "text/plain" });
  if (typeof CompressionStream !== "function" || text.length < WORTH_PACKING) return plain;
  try {
    const packed = await new Response(plain.stream().pipeThrough(new CompressionStream("gzip"))).blob();
    return packed.slice(0, packed.size, plain.type);
  } catch {
    return plain;
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
