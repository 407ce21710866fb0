import { init } from "chatvitals";
import {
  holdBack,
  measureBoot,
  measureBundle,
  measureErrors,
  measureFetch,
  measureHost,
  measureMemory,
  measureMessages,
  measureNavigation,
  measureTabs,
  probeStorage,
} from "chatvitals/helpers";
import { readConfig } from "./config";
import { type Conversation, openConversation } from "./conversation";
import type { Message } from "./message";
import { showPanel } from "./panel";
import { NAMES, openArea, readId, writeId } from "./storage";

/** The addresses of the widget's own files. */
const OWN = /\/widget\/widget\.js/;
const HOLD_BACK_MS = 3_000;

/** What tabs tell each other. */
type Shared = { type: "said"; id: string; message: Message } | { type: "ended"; id: string };

async function start(): Promise<void> {
  const config = readConfig();
  const held = await holdBack(config.holdBack, HOLD_BACK_MS);
  const { endpoint, key, customer, release, policy, consent, debug } = config;
  const vitals = init({ endpoint, key, customer, release, policy, consent, debug, sample: endpoint ? 1 : 0 });
  const boot = measureBoot(vitals);
  measureHost(vitals, OWN, config.holdBack ? held : undefined);
  const report = measureErrors(vitals, OWN);
  const fetchMeasured = measureFetch(vitals);
  const tabs = measureTabs(vitals, NAMES.tabs);
  const area = openArea(vitals, config);
  let conversation: Conversation | undefined;

  const panel = showPanel(
    {
      opened() {
        vitals.interacted();
        void begin();
      },
      said: (text) => void begin().then((open) => open.say(text)),
      ended: () => void end(),
      consented: (agreed) => vitals.setConsent(agreed),
    },
    consent === "required",
  );
  boot.frame();

  /** Open the conversation that goes on in this browser, or else a new one. */
  let beginning: Promise<Conversation> | undefined;
  const begin = (): Promise<Conversation> => (beginning ??= open());

  async function open(): Promise<Conversation> {
    const id = readId(config) ?? crypto.randomUUID();
    writeId(config, id);
    const opened = openConversation(id, {
      vitals,
      area,
      fetch: fetchMeasured,
      identity: config.identity,
      report,
      draw: panel.list.draw,
      share(message) {
        tabs.post({ type: "said", id, message } satisfies Shared);
        if (message.author === "assistant") panel.announce(message.text);
      },
      connected: panel.connected,
    });
    if (!(await opened.restore())) {
      await opened.end(); // somebody else's
      writeId(config, null);
      return open();
    }
    panel.connected(false);
    opened.connect();
    return (conversation = opened);
  }

  /** Leave the conversation: ended here, or in another tab. */
  async function end(elsewhere = false): Promise<void> {
    const ended = conversation;
    conversation = beginning = undefined;
    panel.list.clear();
    panel.connected(undefined);
    if (elsewhere) return ended?.leave();
    writeId(config, null);
    await ended?.end();
    if (ended) tabs.post({ type: "ended", id: ended.id } satisfies Shared);
  }

  tabs.onmessage = (data) => {
    const shared = data as Shared;
    if (shared.type === "ended") {
      if (shared.id === conversation?.id) void end(true);
    } else if (config.policy === "persist") {
      void begin().then((open) => {
        if (shared.id !== open.id) return;
        open.takeOver(shared.message);
        if (shared.message.author === "assistant") panel.announce(shared.message.text);
      });
    }
  };

  if (readId(config)) await begin();
  measureMessages(vitals, panel.list.element, (item) => conversation?.shown((item as HTMLElement).dataset.id!));
  measureNavigation(vitals, NAMES.crossing, () => conversation?.count() ?? 0);
  measureMemory(vitals, panel.root);
  measureBundle(vitals, OWN);
  void probeStorage(vitals);
  boot.ready();
}

if (document.body) void start();
else addEventListener("DOMContentLoaded", () => void start());
