// Made by `make generate` from catalogue/kinds.py; change that, not this.

/**
 * What every event may carry: the time of this browser's clock in Unix milliseconds, now where it is left out.
 * Ids of sessions and messages are taken, so that widgets can pass on what they have; they never leave the page.
 */
export interface Tracked {
  timestamp?: number;
  sessionId?: string;
  messageId?: string;
}

/** One operation on the stored conversation. `duration` in ms, `quota_used` as a share of the quota. */
export interface PersistenceEvent extends Tracked {
  operation: "delete" | "navigation" | "restore" | "save" | "sync";
  success: boolean;
  duration: number;
  errorType?: string;
  storage?: "indexedDB" | "localStorage" | "memory" | "server" | "sessionStorage";
  bytes?: number;
  quotaUsed?: number;
}

/** A session was restored at start, or should have been. `expected` and `restored` count messages. */
export interface RestorationEvent extends Tracked {
  success: boolean;
  duration: number;
  expected?: number;
  restored?: number;
  identityMatches?: boolean;
  cause?: string;
}

/** The conversation crossed a page change. `origin` and `target` are paths, `from` and `to` on the wire. */
export interface NavigationEvent extends Tracked {
  preserved: boolean;
  type?: "bfcache" | "hard" | "soft";
  from?: string;
  to?: string;
  expected?: number;
  found?: number;
}

/** A data-loss incident: `lost` messages, known to have existed, were not found again. */
export interface LossEvent extends Tracked {
  conversationId: string;
  lost: number;
  hop: "delivery" | "render" | "restore" | "save" | "sync";
  firstSeq?: number;
  lastSeq?: number;
  errorType?: string;
}

/** A message was put on screen, `render_time` ms after it was handed to the list. */
export interface RenderEvent extends Tracked {
  renderTime: number;
  contentLength?: number;
  messageCount?: number;
}

/** One scroll of the message list: mean and lowest frames per second, frames, and those that came late. */
export interface ScrollEvent extends Tracked {
  fps: number;
  minFps?: number;
  frames?: number;
  lateFrames?: number;
  duration?: number;
}

/** A snapshot of the script heap, every 30 s with jitter. */
export interface MemoryEvent extends Tracked {
  usedBytes: number;
  limitBytes?: number;
  source?: "measureUserAgentSpecificMemory" | "performance.memory";
  domNodes?: number;
}

/** One change of state, seen in another tab `latency` ms later. */
export interface TabSyncEvent extends Tracked {
  latency: number;
  success: boolean;
  tabs?: number;
}

/** One call of the widget to its backend; `endpoint` is a route template. `cached` unknown stays unknown. */
export interface ApiEvent extends Tracked {
  endpoint: string;
  duration: number;
  success: boolean;
  method?: string;
  status?: number;
  cached?: boolean;
}

/** The widget's own script and style files. */
export interface BundleEvent extends Tracked {
  loadTime: number;
  size?: number;
  cached?: boolean;
}

/** One step of one message in the conversation ledger: its ordinal in the conversation, never its content. */
export interface MessageEvent extends Tracked {
  stage: "acked" | "received" | "rendered" | "sent";
  ordinal: number;
  conversationId?: string;
  latency?: number;
  duplicate?: boolean;
  serverOrdinal?: number;
}

/** The live channel. `gap` counts the messages missed while away, `recovered` says whether they came after. */
export interface ConnectionEvent extends Tracked {
  success: boolean;
  duration?: number;
  reconnects?: number;
  closeCode?: number;
  gap?: number;
  recovered?: boolean;
}

/** One streamed answer. Times in ms from the request. */
export interface StreamEvent extends Tracked {
  outcome: "aborted" | "complete" | "orphaned" | "resumed" | "truncated";
  firstChunk?: number;
  firstPaint?: number;
  longestStall?: number;
  chunks?: number;
  lateFrames?: number;
}

/** One stage of the start-up funnel. */
export interface BootEvent extends Tracked {
  stage: "failed" | "frame" | "ready" | "requested" | "script";
  duration?: number;
  reason?: "blocked" | "consent" | "csp" | "error" | "storage";
}

/** An error inside the widget; `message` is scrubbed and cut. */
export interface ErrorEvent extends Tracked {
  type: string;
  fingerprint?: string;
  message?: string;
  handled?: boolean;
}

/** What the widget costs the page it is a guest on. Times in ms; `holdout` marks a delayed load. */
export interface HostEvent extends Tracked {
  inp?: number;
  lcp?: number;
  cls?: number;
  blockingTime?: number;
  ownBlockingTime?: number;
  holdout?: boolean;
}

/** A probe of what this browser lets the widget store. */
export interface StorageEvent extends Tracked {
  available: boolean;
  persisted?: boolean;
  policy?: "ephemeral" | "persist" | "session";
  reason?: string;
  usage?: number;
  quota?: number;
}

/** The SDK's account of itself: events recorded, sent, and dropped by reason; `per_event_us` in µs. */
export interface SdkEvent extends Tracked {
  recorded: number;
  sent: number;
  dropped?: Record<string, number>;
  initMs?: number;
  perEventUs?: number;
}

/** The fields of every kind, by its name on the wire. */
export interface Events {
  persistence: PersistenceEvent;
  restoration: RestorationEvent;
  navigation: NavigationEvent;
  loss: LossEvent;
  render: RenderEvent;
  scroll: ScrollEvent;
  memory: MemoryEvent;
  tabSync: TabSyncEvent;
  api: ApiEvent;
  bundle: BundleEvent;
  message: MessageEvent;
  connection: ConnectionEvent;
  stream: StreamEvent;
  boot: BootEvent;
  error: ErrorEvent;
  host: HostEvent;
  storage: StorageEvent;
  sdk: SdkEvent;
}
