/*
 * What a host page has of the widget before anything is loaded, under 400 bytes: it asks for the widget's script, and if
 * that never takes over, it says so when the page goes, so that page views are counted even where the widget is blocked.
 * `measureBoot` takes the mark off. The build leaves SRC, ENDPOINT and KEY for the site to fill in.
 */
((script: HTMLScriptElement, at: number, reason?: string) => {
  script.src = "SRC";
  script.dataset.chatvitals = `${at}`;
  script.onerror = () => (reason = "blocked");
  document.head.append(script);
  addEventListener("pagehide", () => {
    if (!script.dataset.chatvitals) return;
    script.dataset.chatvitals = "";
    const event = { kind: "boot", stage: "failed", timestamp: at, reason };
    navigator.sendBeacon("ENDPOINT", JSON.stringify({ key: "KEY", events: [{ ...event, stage: "requested" }, event] }));
  });
})(document.createElement("script"), Date.now());
