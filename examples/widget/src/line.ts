import type { Handle } from "chatvitals";

/** What the back end says over the live channel. */
export type Said =
  | { type: "hello" | "newest"; newest: number }
  | { type: "ack"; id: string; ordinal: number }
  | { type: "chunk"; id: string; to: string; text: string }
  | { type: "done"; id: string; ordinal: number };

/** What a line needs of its conversation. */
export interface Listener {
  heard(said: Exclude<Said, { type: "hello" }>): void;
  /** The line is there, and the conversation goes up to this ordinal: fetch what is missing, and say how much that was. */
  connected(newest: number): Promise<number>;
  /** It is gone and will be tried again. */
  gone(): void;
}

/** The live channel to the back end, opened again whenever it breaks. */
export interface Line {
  /** Whether it could be sent; if not, the conversation sends it again once there is a connection. */
  send(id: string, text: string): boolean;
  close(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

export function openLine(vitals: Handle, conversation: string, listener: Listener): Line {
  let socket: WebSocket;
  let reconnects = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let retry: number | undefined;
  let closed = false;

  const connect = (): void => {
    clearTimeout(retry);
    const startedMs = performance.now();
    const url = new URL(`/ws?conversation=${encodeURIComponent(conversation)}`, location.href);
    const opened = (socket = new WebSocket(url.href.replace(/^http/, "ws")));
    opened.onmessage = ({ data }: MessageEvent<string>) => {
      const said = JSON.parse(data) as Said;
      if (said.type === "hello") void arrive(performance.now() - startedMs, said.newest);
      else listener.heard(said);
    };
    opened.onclose = ({ code: closeCode }) => {
      if (closed || opened !== socket) return;
      vitals.trackConnection({ success: false, duration: performance.now() - startedMs, reconnects, closeCode });
      listener.gone();
      reconnects++;
      retry = setTimeout(connect, pauseMs * (0.75 + Math.random() / 2));
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    };
  };

  const arrive = async (duration: number, newest: number): Promise<void> => {
    pauseMs = FIRST_PAUSE_MS;
    const again = reconnects > 0;
    try {
      const gap = await listener.connected(newest);
      vitals.trackConnection({ success: true, duration, reconnects, ...(again && { gap, recovered: true }) });
    } catch {
      vitals.trackConnection({ success: true, duration, reconnects, ...(again && { gap: 1, recovered: false }) });
      socket.close(); // without what was missed the line is worth nothing: begin again
    }
  };

  const leave = (): void => {
    closed = true;
    clearTimeout(retry);
    socket.close(1000);
  };
  const comeBack = ({ persisted }: PageTransitionEvent): void => {
    if (!persisted) return;
    closed = false;
    connect();
  };
  const online = (): void => {
    if (!closed && socket.readyState === WebSocket.CLOSED) connect();
  };

  connect();
  addEventListener("pagehide", leave); // a page with an open socket can't wait in the back/forward cache
  addEventListener("pageshow", comeBack);
  addEventListener("online", online);
  return {
    send(id, text) {
      const open = socket.readyState === WebSocket.OPEN;
      if (open) socket.send(JSON.stringify({ type: "message", id, text }));
      return open;
    },
    close() {
      leave();
      removeEventListener("pagehide", leave);
      removeEventListener("pageshow", comeBack);
      removeEventListener("online", online);
    },
  };
}
