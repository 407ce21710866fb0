import type { Events } from "./events";
import type { Consent, Options, Policy } from "./options";
import { type Recorder, recorder } from "./recorder";

export type * from "./events";
export type * from "./options";

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

const nothing = (): undefined => {};

/** Start measuring a widget. Where that isn't possible the handle does nothing; it never throws. */
export function init(options: Options): Handle {
  let works: Recorder = {
    record: nothing,
    setConsent: nothing,
    interacted: nothing,
    stores: () => false,
    ended: AbortSignal.abort(),
    flush: async () => {},
    shutdown: nothing,
  };
  try {
    works = recorder(options);
  } catch (error) {
    if (options?.debug) console.debug("chatvitals: off,", error);
  }
  const { record, ...rest } = works;
  const handle: Record<string, unknown> = { policy: options?.policy ?? "session", ...rest };
  for (const kind of KINDS.split(" ")) {
    handle[`track${kind[0]!.toUpperCase()}${kind.slice(1)}`] = (event: object) => record(kind, event);
  }
  return handle as unknown as Handle;
}
