import { attempt } from "./quiet.js";

/** Browsers let 64 KiB be under way at once with keepalive, over all of a page's requests. */
const KEEPALIVE_BYTES = 60_000;
const WORTH_PACKING = 1_000;
let keptAlive = 0;

/** A body as it travels: bytes without a named type need no preflight. */
export type Body = ArrayBuffer | Uint8Array<ArrayBuffer>;

/** The body unpacked. */
export const plain = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** The body in gzip, where the browser can and it is worth it. */
export async function pack(text: string): Promise<Body> {
  const body = plain(text);
  try {
    if (text.length > WORTH_PACKING) {
      const { readable, writable } = new CompressionStream("gzip");
      const packed = new Response(readable).arrayBuffer();
      const writer = writable.getWriter();
      return (await Promise.all([packed, writer.write(body), writer.close()]))[0];
    }
  } catch {
    // it goes as it is
  }
  return body;
}

/** Status of an answer, 0 where there was none, and for how many ms not to come again. */
type Answer = [status: number, afterMs: number];

/** Send a body so that it outlives the page where it can. Never rejects. */
export async function post(url: string, body: Body, leaving?: boolean): Promise<Answer> {
  const bytes = body.byteLength;
  const keepalive = keptAlive + bytes < KEEPALIVE_BYTES;
  if (leaving && !keepalive) {
    // whose answers can't be seen: the batch stays where it is kept
    if (!navigator.sendBeacon?.(url, body)) postLater(url, body);
    return [0, 0];
  }
  if (keepalive) keptAlive += bytes;
  try {
    const response = await fetch(url, { method: "POST", body, keepalive, credentials: "omit" });
    const { status } = response;
    return [status, status > 399 ? 1_000 * Number(response.headers.get("retry-after")) || 0 : 0];
  } catch {
    return [0, 0];
  } finally {
    if (keepalive) keptAlive -= bytes;
  }
}

type Later = (url: string, init: RequestInit) => unknown;

/**
 * Leave a body with the browser, to be sent should the page die before the returned function is called. Some browsers
 * can't, not in every frame, and not beyond what a page may leave.
 */
export function postLater(url: string, body: Body): () => void {
  const { fetchLater } = window as { fetchLater?: Later };
  const stop = new AbortController();
  attempt(() => fetchLater?.(url, { method: "POST", body, credentials: "omit", signal: stop.signal }));
  return () => stop.abort();
}
