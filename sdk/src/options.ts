/** How long the widget promises to keep a conversation: over visits, for one, or not at all. */
export type Policy = "persist" | "session" | "ephemeral";

/** Whether the visitor has agreed to be measured: `required` waits in memory for `setConsent`. */
export type Consent = "required" | "granted" | "denied";

/** What a widget tells the SDK at its start. */
export interface Options {
  /** Where events go: the whole address of the server's `/api/monitoring/widget`. */
  endpoint: string;
  /** The site's publishable write key. */
  key: string;
  /** Whose page embeds the widget. */
  customer?: string;
  /** Version of the widget. */
  release?: string;
  /** Experiment arm or rollout cohort. */
  variant?: string;
  country?: string;
  /** `persist` lets unsent events wait in localStorage at once, `session` after `interacted()`, `ephemeral` never. */
  policy?: Policy;
  /** `granted` where it is left out, unless the browser asks for privacy (Global Privacy Control). */
  consent?: Consent;
  /** Share of sessions that send, from 0 to 1; figures are weighted by it. */
  sample?: number;
  /** An id of the session, if the widget has one; it is hashed on the server. One for this page view by default. */
  sessionId?: string;
  /** Explain in the console what is sent, kept and dropped. */
  debug?: boolean;
}
