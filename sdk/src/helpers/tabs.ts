import type { Handle } from "../index";
import { attempt } from "./page";

/** A channel between the tabs of a widget. Set `onmessage` to hear what other tabs post. */
export interface TabChannel {
  post(data: unknown): void;
  onmessage: ((data: unknown) => void) | undefined;
  close(): void;
}

interface Posted {
  tab: number;
  count: number;
  atMs: number;
  data: unknown;
}

/**
 * Open a BroadcastChannel that measures how long changes take from tab to tab, and which never come: posts are counted,
 * and a gap in another tab's count is a failure. Where there is no such channel nothing is heard.
 */
export function measureTabs(vitals: Handle, name: string): TabChannel {
  const tab = Math.random();
  const heard = new Map<number, number>();
  const channel = attempt(() => new BroadcastChannel(name));
  let posted = 0;
  const tabs: TabChannel = {
    post(data) {
      channel?.postMessage({ tab, count: ++posted, atMs: Date.now(), data } satisfies Posted);
    },
    onmessage: undefined,
    close: () => channel?.close(),
  };
  if (channel) {
    const failed = (): void => vitals.trackTabSync({ latency: 0, success: false, tabs: heard.size + 1 });
    channel.onmessageerror = failed;
    channel.onmessage = ({ data: { tab, count, atMs, data } }: MessageEvent<Posted>) => {
      const latency = Math.max(0, Date.now() - atMs);
      if (count - (heard.get(tab) ?? count - 1) > 1) failed();
      heard.set(tab, count);
      vitals.trackTabSync({ latency, success: true, tabs: heard.size + 1 });
      tabs.onmessage?.(data);
    };
  }
  return tabs;
}
