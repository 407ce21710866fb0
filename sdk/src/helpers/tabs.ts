import type { Handle } from "../index.js";
import { attempt } from "./page.js";

/** A channel between the tabs of a widget. Set `onmessage` to hear what other tabs post. */
export interface TabChannel {
  post(data: unknown): void;
  onmessage: ((data: unknown) => void) | undefined;
  close(): void;
}

/** Which tab posted it, as which of its posts, when, and what. */
type Posted = [tab: number, count: number, atMs: number, data: unknown];

/**
 * Open a BroadcastChannel that measures how long changes take from tab to tab, and which never come: posts are counted,
 * and a gap in another tab's count is a failure. Where there is no such channel nothing is heard.
 */
export function measureTabs(vitals: Handle, name: string): TabChannel {
  const tab = Math.random();
  const heard = new Map<number, number>();
  const channel = attempt(() => new BroadcastChannel(name)) ?? new MessageChannel().port1; // which nobody hears
  let posted = 0;
  const tabs: TabChannel = {
    post(data) {
      const sent: Posted = [tab, ++posted, Date.now(), data];
      if (!attempt(() => (channel.postMessage(sent), true))) tell(0, false); // what can't be cloned, or after close
    },
    onmessage: undefined,
    close: () => channel.close(),
  };
  const tell = (latency: number, success: boolean): void =>
    vitals.trackTabSync({ latency: Math.max(0, latency), success, tabs: heard.size + 1 });
  channel.onmessageerror = () => tell(0, false);
  channel.onmessage = ({ data: [tab, count, atMs, data] }: MessageEvent<Posted>) => {
    if (count - 1 > (heard.get(tab) ?? count)) tell(0, false);
    heard.set(tab, count);
    tell(Date.now() - atMs, true);
    tabs.onmessage?.(data);
  };
  return tabs;
}
