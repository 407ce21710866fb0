/*
 * What a host page has of the widget before anything is loaded, some 400 bytes: it asks for the widget's script, and if
 * that never takes over, it says so when the page goes, so that page views are counted even where the widget is blocked.
 * `measureBoot` takes the mark off. The build leaves SRC, ENDPOINT and KEY for the site to fill in.
 */
const script = document.createElement("script");
const { dataset } = script;
const batch = crypto.randomUUID(); // one, so that a page left twice is counted once
let reason: string | undefined;
script.src = "SRC";
dataset.chatvitals = `${Date.now()}`;
script.onerror = () => (reason = "blocked");
document.head.append(script);
addEventListener("pagehide", () => {
  const timestamp = +dataset.chatvitals!;
  const events = ["requested", "failed"].map((stage) => ({ kind: "boot", stage, timestamp, reason }));
  if (timestamp) navigator.sendBeacon("ENDPOINT", JSON.stringify({ key: "KEY", batch, sentAt: Date.now(), events }));
});

export {};
