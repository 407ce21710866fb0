// Made by `make generate` from catalogue/kinds.py; change that, not this.

/**
 * What every event may carry: the time of this browser's clock in Unix milliseconds, now where it is left out.
 * Ids of sessions and messages are taken, so that widgets can pass on what they have; they never leave the page.
 * A field that is undefined is one that was left out.
 */
export interface Tracked {
  timestamp?: number | undefined;
  sessionId?: string | undefined;
  messageId?: string | undefined;
}

/** One operation on the stored conversation. `duration` in ms, `quota_used` as a share of the quota. */
export interface PersistenceEvent extends Tracked {
  operation: "delete" | "navigation" | "restore" | "save" | "sync";
  success: boolean;
  duration: number;
  errorType?: string | undefined;
  storage?: "indexedDB" | "localStorage" | "memory" | "server" | "sessionStorage" | undefined;
  bytes?: number | undefined;
  quotaUsed?: number | undefined;
}

/** A session was restored at start, or should have been. `expected` and `restored` count messages. */
export interface RestorationEvent extends Tracked {
  success: boolean;
  duration: number;
  expected?: number | undefined;
  restored?: number | undefined;
  identityMatches?: boolean | undefined;
  cause?: string | undefined;
}

/** The conversation crossed a page change. `origin` and `target` are paths, `from` and `to` on the wire. */
export interface NavigationEvent extends Tracked {
  preserved: boolean;
  type?: "bfcache" | "hard" | "soft" | undefined;
  from?: string | undefined;
  to?: string | undefined;
  expected?: number | undefined;
  found?: number | undefined;
}

/** A data-loss incident: `lost` messages, known to have existed, were not found again. */
export interface LossEvent extends Tracked {
  conversationId: string;
  lost: number;
  hop: "delivery" | "render" | "restore" | "save" | "sync";
  firstSeq?: number | undefined;
  lastSeq?: number | undefined;
  errorType?: string | undefined;
}

/** A message was put on screen, `render_time` ms after it was handed to the list. */
export interface RenderEvent extends Tracked {
  renderTime: number;
  contentLength?: number | undefined;
  messageCount?: number | undefined;
}

/** One scroll of the message list: mean and lowest frames per second, frames, and those that came late. */
export interface ScrollEvent extends Tracked {
  fps: number;
  minFps?: number | undefined;
  frames?: number | undefined;
  lateFrames?: number | undefined;
  duration?: number | undefined;
}

/** A snapshot of the script heap, every 30 s with jitter. */
export interface MemoryEvent extends Tracked {
  usedBytes: number;
  limitBytes?: number | undefined;
  source?: "measureUserAgentSpecificMemory" | "performance.memory" | undefined;
  domNodes?: number | undefined;
}

/** One change of state, seen in another tab `latency` ms later. */
export interface TabSyncEvent extends Tracked {
  latency: number;
  success: boolean;
  tabs?: number | undefined;
}

/** One call of the widget to its backend; `endpoint` is a route template. `cached` unknown stays unknown. */
export interface ApiEvent extends Tracked {
  endpoint: string;
  duration: number;
  success: boolean;
  method?: string | undefined;
  status?: number | undefined;
  cached?: boolean | undefined;
}

/** The widget's own script and style files. */
export interface BundleEvent extends Tracked {
  loadTime: number;
  size?: number | undefined;
  cached?: boolean | undefined;
}

/** One step of one message in the conversation ledger: its ordinal in the conversation, never its content. */
export interface MessageEvent extends Tracked {
  stage: "acked" | "received" | "rendered" | "sent";
  ordinal: number;
  conversationId?: string | undefined;
  latency?: number | undefined;
  duplicate?: boolean | undefined;
  serverOrdinal?: number | undefined;
}

/** The live channel. `gap` counts the messages missed while away, `recovered` says whether they came after. */
export interface ConnectionEvent extends Tracked {
  success: boolean;
  duration?: number | undefined;
  reconnects?: number | undefined;
  closeCode?: number | undefined;
  gap?: number | undefined;
  recovered?: boolean | undefined;
}

/** One streamed answer. Times in ms from the request. */
export interface StreamEvent extends Tracked {
  outcome: "aborted" | "complete" | "orphaned" | "resumed" | "truncated";
  firstChunk?: number | undefined;
  firstPaint?: number | undefined;
  longestStall?: number | undefined;
  chunks?: number | undefined;
  lateFrames?: number | undefined;
}

/** One stage of the start-up funnel. */
export interface BootEvent extends Tracked {
  stage: "failed" | "frame" | "ready" | "requested" | "script";
  duration?: number | undefined;
  reason?: "blocked" | "consent" | "csp" | "error" | "storage" | undefined;
}

/** An error inside the widget; `message` is scrubbed and cut. */
export interface ErrorEvent extends Tracked {
  type: string;
  fingerprint?: string | undefined;
  message?: string | undefined;
  handled?: boolean | undefined;
}

/** What the widget costs the page it is a guest on. Times in ms; `holdout` marks a delayed load. */
export interface HostEvent extends Tracked {
  inp?: number | undefined;
  lcp?: number | undefined;
  cls?: number | undefined;
  blockingTime?: number | undefined;
  ownBlockingTime?: number | undefined;
  holdout?: boolean | undefined;
}

/** A probe of what this browser lets the widget store. */
export interface StorageEvent extends Tracked {
  available: boolean;
  persisted?: boolean | undefined;
  policy?: "ephemeral" | "persist" | "session" | undefined;
  reason?: string | undefined;
  usage?: number | undefined;
  quota?: number | undefined;
}

/** The SDK's account of itself: events recorded, sent, and dropped by reason; `per_event_us` in µs. */
export interface SdkEvent extends Tracked {
  recorded: number;
  sent: number;
  dropped?: Record<string, number> | undefined;
  initMs?: number | undefined;
  perEventUs?: number | undefined;
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
