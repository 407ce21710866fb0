import { pause } from "./page.js";

/**
 * Hold a random share of page views back: they load the widget so many ms after the page, and say so, which shows what
 * the widget costs rather than what goes with it. Resolves when to load, with whether this one was held back, as
 * `measureHost` takes it.
 */
export async function holdBack(share: number, delayMs: number): Promise<boolean> {
  const held = Math.random() < share;
  if (held) {
    if (document.readyState !== "complete") await new Promise((loaded) => addEventListener("load", loaded));
    await pause(delayMs);
  }
  return held;
}
