import type { Consent, Policy } from "chatvitals";

/** How the widget is to work on this page. */
export interface Config {
  /** Where events go; empty where nothing is to be measured. */
  endpoint: string;
  key: string;
  customer: string;
  release: string;
  policy: Policy;
  consent: Consent;
  storage: "localStorage" | "indexedDB";
  /** Who is logged in, where the shop says so. */
  identity: string | undefined;
  /** Share of page views that load the widget late, to learn what it costs. */
  holdBack: number;
  /** Whether the SDK explains in the console what it does. */
  debug: boolean;
}

/** What the host page says in the attributes of its script tag; the page's query goes before it, to try things out. */
export function readConfig(): Config {
  const tag = document.querySelector<HTMLElement>("#assistant");
  const said: DOMStringMap = { ...tag?.dataset, ...Object.fromEntries(new URLSearchParams(location.search)) };
  return {
    endpoint: tag?.dataset.endpoint ?? "",
    key: tag?.dataset.key ?? "",
    customer: said.customer ?? "",
    release: said.release ?? "",
    policy: oneOf(["persist", "session", "ephemeral"], said.policy),
    consent: oneOf(["granted", "required", "denied"], said.consent),
    storage: oneOf(["localStorage", "indexedDB"], said.storage),
    identity: said.identity,
    holdBack: Number(said.holdBack) || 0,
    debug: said.debug !== undefined,
  };
}

function oneOf<T extends string>(choices: [T, ...T[]], said: string | undefined): T {
  return choices.find((choice) => choice === said) ?? choices[0];
}
