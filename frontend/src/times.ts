/** Relative times (`<time data-ago>`) stay true while the page is looked at. They follow the server's clock. */
import { agoWords } from "./live/words.ts";

const EVERY_MS = 1_000;

/** How far this browser's clock is ahead of the server's, as of the last page. */
let aheadMs = 0;

export function startTimes(): void {
  setClock();
  document.addEventListener("htmx:after:swap", setClock);
  document.addEventListener("chatvitals:fresh", (event) => {
    const time = document.querySelector<HTMLTimeElement>("#updated time");
    const { at } = (event as CustomEvent<{ at: number }>).detail;
    if (!time) return;
    time.dateTime = new Date(at - aheadMs).toISOString();
    time.title = new Date(at).toLocaleString();
    tell();
  });
  setInterval(() => {
    if (!document.hidden) tell();
  }, EVERY_MS);
}

let page = "";

function setClock(): void {
  const now = document.body.dataset["now"] ?? "";
  if (now === page) return;
  page = now;
  aheadMs = Date.now() - Number(now);
}

function tell(): void {
  const now = Date.now() - aheadMs;
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-ago]")) {
    const words = agoWords(now - Date.parse(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}
