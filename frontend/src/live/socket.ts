// The WebSocket to the server: kept open while the page is seen, opened again after it broke, and never trusted for
// longer than its last pulse.

/** Without a pulse for this long, the connection is dead, whatever the browser says of it. */
const SILENCE_MS = 12_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export type Message =
  | { type: "pulse"; atMs: number; writtenMs: number | null; problem: string }
  | { type: "fragments"; atMs: number; url: string; fragments: Record<string, string> }
  | { type: "trouble"; atMs: number; detail: string };

export interface Listener {
  opened(): void;
  said(message: Message): void;
  closed(): void;
}

export class LiveSocket {
  private socket: WebSocket | undefined;
  private silence = 0;
  private retry = 0;
  private pauseMs = FIRST_PAUSE_MS;
  private wanted = false;

  constructor(private readonly listener: Listener) {}

  /** Connect, and stay connected. */
  open(): void {
    this.wanted = true;
    if (this.socket) return;
    clearTimeout(this.retry);
    const { protocol, host } = location;
    const scheme = protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${host}/api/monitoring/live?format=fragments`);
    this.socket = socket;
    socket.onopen = () => this.listener.opened();
    socket.onmessage = ({ data }) => this.hear(String(data));
    socket.onclose = () => this.lost(socket);
    this.watch();
  }

  /** Let go, and don't come back by itself. */
  close(): void {
    this.wanted = false;
    clearTimeout(this.retry);
    this.socket?.close();
    if (this.socket) this.lost(this.socket);
  }

  say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private hear(text: string): void {
    const message = JSON.parse(text) as Message;
    if (message.type !== "pulse") this.pauseMs = FIRST_PAUSE_MS; // who refuses a page has a pulse too
    this.watch();
    this.listener.said(message);
  }

  private watch(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      const socket = this.socket;
      socket?.close();
      if (socket) this.lost(socket);
    }, SILENCE_MS);
  }

  private lost(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.socket = undefined;
    socket.onopen = socket.onmessage = socket.onclose = null;
    clearTimeout(this.silence);
    this.listener.closed();
    if (!this.wanted) return;
    // Half of the pause is chance, so that a server that comes back isn't met by everybody at once.
    this.retry = setTimeout(() => this.open(), this.pauseMs * (0.5 + Math.random() / 2));
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
