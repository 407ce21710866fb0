import { attempt } from "./quiet";

/** Browsers let 64 KiB be under way at once with keepalive, over all of a page's requests. */
const KEEPALIVE_BYTES = 60_000;
const WORTH_PACKING = 1_000;
let keptAlive = 0;

/** A body as it travels: bytes without a named type need no preflight. */
export type Body = Uint8Array<ArrayBuffer>;

/** The body unpacked. */
export const plain = (text: string): Body => new TextEncoder().encode(text);

/** The body in gzip, where the browser can and it is worth it. */
export async function pack(text: string): Promise<Body> {
  const body = plain(text);
  if (typeof CompressionStream !== "function" || text.length < WORTH_PACKING) return body;
  try {
    const { readable, writable } = new CompressionStream("gzip");
    const writer = writable.getWriter();
    const packed = new Response(readable).arrayBuffer();
    return new Uint8Array((await Promise.all([packed, writer.write(body), writer.close()]))[0]);
  } catch {
    return body;
  }
}

/**
 * Send a body so that it outlives the page where it can. Never rejects. Resolves to undefined if it was taken or refused
 * for good; else it is to be sent again, not before so many ms.
 */
export async function post(url: string, body: Body, leaving?: boolean): Promise<number | undefined> {
  const keepalive = keptAlive + body.length < KEEPALIVE_BYTES;
  if (leaving && !keepalive) {
    navigator.sendBeacon?.(url, body); // its answer can't be seen: the batch stays where it is kept
    return 0;
  }
  const held = keepalive ? body.length : 0;
  keptAlive += held;
  try {
    const { status, headers } = await fetch(url, { method: "POST", body, keepalive, credentials: "omit" });
    const refused = status === 408 || status === 429 || status > 499;
    return refused ? 1_000 * Number(headers.get("retry-after")) || 0 : undefined;
  } catch {
    return 0;
  } finally {
    keptAlive -= held;
  }
}

type Later = (url: string, init: RequestInit) => unknown;

/**
 * Leave a body with the browser, to be sent should the page die before `signal` takes it back. Some browsers can't, not
 * in every frame, and not beyond what a page may leave.
 */
export function postLater(url: string, body: Body, signal: AbortSignal): void {
  const { fetchLater } = window as { fetchLater?: Later };
  attempt(() => fetchLater?.(url, { method: "POST", body, credentials: "omit", signal }));
}
