import type { Events } from "./events.js";
import type { Consent, Options, Policy } from "./options.js";
import { recorder } from "./recorder.js";

export type * from "./events.js";
export type * from "./options.js";

type Kind = Exclude<keyof Events, "sdk">;
type Trackers = { [K in Kind as `track${Capitalize<K>}`]: (event: Events[K]) => void };

const KINDS =
  "persistence restoration navigation loss render scroll memory tabSync api bundle message connection stream boot error host storage";

/** What a widget measures with. Nothing here throws, blocks, or waits for the network. */
export interface Handle extends Trackers {
  /** How long the widget promises to keep a conversation, as it was said to `init`. */
  readonly policy: Policy;
  /** Whether anything may be kept on the device now: policy, consent and the visitor's first use allow it. */
  stores(): boolean;
  /** Aborted by `shutdown`, and where nothing is measured: every helper ends with it. */
  readonly ended: AbortSignal;
  /** The visitor has used the widget: from now on unsent events may wait on the device, if the policy allows any. */
  interacted(): void;
  setConsent(consent: Consent | boolean): void;
  /** Send now what is waiting; resolves when all of it is taken. */
  flush(): Promise<void>;
  /** Hand what is waiting to the browser to send, and measure no more. */
  shutdown(): void;
}

/** Start measuring a widget. Where that isn't possible the handle does nothing; it never throws. */
export function init(options: Options): Handle {
  const given = { ...options };
  const { record, ...rest } = recorder(given);
  const handle: Record<string, unknown> = { policy: given.policy ?? "session", ...rest };
  for (const kind of KINDS.split(" ")) {
    handle[`track${kind[0]!.toUpperCase()}${kind.slice(1)}`] = (event: object) => record(kind, event);
  }
  return handle as unknown as Handle;
}
