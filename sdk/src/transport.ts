import { attempt } from "./quiet";

/** Browsers let 64 KiB be under way at once with keepalive, over all of a page's requests. */
const KEEPALIVE_BYTES = 60_000;
const WORTH_PACKING = 1_000;
let keptAlive = 0;

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

/**
 * Send a body so that it outlives the page where it can. Never rejects. Resolves to undefined if it was taken or refused
 * for good; else it is to be sent again, not before so many ms.
 */
export async function post(url: string, body: Blob, leaving?: boolean): Promise<number | undefined> {
  const keepalive = keptAlive + body.size < KEEPALIVE_BYTES;
  if (leaving && !keepalive) {
    navigator.sendBeacon?.(url, body); // its answer can't be seen: the batch stays where it is kept
    return 0;
  }
  const held = keepalive ? body.size : 0;
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
export function postLater(url: string, body: Blob, signal: AbortSignal): void {
  const { fetchLater } = window as { fetchLater?: Later };
  attempt(() => fetchLater?.(url, { method: "POST", body, credentials: "omit", signal }));
}
