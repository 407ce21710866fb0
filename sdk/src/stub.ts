/*
 * What a host page has of the widget before anything is loaded, in under 400 bytes: it asks for the widget's script, and
 * if that never takes over, it says so when the page goes, so that page views are counted even where the widget is
 * blocked. `measureBoot` takes the mark off. The build leaves SRC, ENDPOINT and KEY for the site to fill in. A block,
 * so that a plain script makes no globals; an id of mere digits, as pages without TLS have no `randomUUID`.
 */
{
  const script = document.createElement("script");
  const { dataset } = script;
  const batch = Math.random().toFixed(32).slice(2); // one, so that a page left twice is counted once
  const timestamp = Date.now();
  let reason: string | undefined;
  try {
    script.src = "SRC";
  } catch {} // a page that requires trusted types, and has no default policy
  dataset.cv = timestamp as unknown as string;
  script.onerror = () => (reason = "blocked");
  document.head.append(script);
  addEventListener("pagehide", () => {
    if (dataset.cv) {
      navigator.sendBeacon(
        "ENDPOINT",
        JSON.stringify({
          key: "KEY",
          batch,
          sentAt: Date.now(),
          events: ["requested", "failed"].map((stage) => ({ kind: "boot", stage, timestamp, reason })),
        }),
      );
    }
  });
}

export {};
