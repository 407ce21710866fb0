import type { BootEvent } from "../events.js";
import type { Handle } from "../index.js";

/** The start of a widget, stage by stage. */
export interface Boot {
  /** The widget's frame is there. */
  frame(): void;
  /** The visitor can use it. */
  ready(): void;
  failed(reason: BootEvent["reason"]): void;
}

/**
 * Measure the widget's start, from now on; from when the page asked for it where the page has the stub (`stub.ts`),
 * which says `requested` itself if this never runs.
 */
export function measureBoot(vitals: Handle): Boot {
  const asked = document.querySelector<HTMLScriptElement>("script[data-cv]");
  const at = Date.now();
  const from = Number(asked?.dataset.cv) || at;
  delete asked?.dataset.cv;
  vitals.trackBoot({ stage: "requested", timestamp: from });
  const tell = (stage: BootEvent["stage"], reason?: BootEvent["reason"]): void =>
    vitals.trackBoot({ stage, reason, duration: Math.max(0, Date.now() - from) });
  tell("script");
  return {
    frame: () => tell("frame"),
    ready: () => tell("ready"),
    failed: (reason) => tell("failed", reason),
  };
}
