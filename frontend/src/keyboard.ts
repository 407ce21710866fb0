/**
 * Everything by keyboard. Lists are `[data-list]` of `[data-item]`s, or else tables; an item's buttons and links say
 * their key in `data-key`, places say theirs in `data-go`.
 */
import { closeDrops } from "./drops.ts";
import { refresh } from "./live/refresh.ts";
import { recall, remember } from "./remembered.ts";

/** What `j` and `k` go through: the first of these that the page has. */
const LISTS = ["[data-list] [data-item]", ".table tbody tr"];
const STEPS = ["j", "k"];
/** After `g` this much time is left for the letter. */
const GOING_MS = 1_500;

const CHOICE = "chatvitals.keys";

let going = 0;

export function startKeyboard(): void {
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", ({ target }) => {
    const opens = target instanceof Element && target.closest<HTMLElement>("[data-opens]")?.dataset["opens"];
    if (opens) openDialog(opens);
  });
}

/** Whether single characters do things: those who dictate press some by mistake. */
export function chosenKeys(): "on" | "off" {
  return recall(CHOICE) === "off" ? "off" : "on";
}

export function chooseKeys(choice: string): void {
  remember(CHOICE, choice);
}

function pressed(event: KeyboardEvent): void {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (key === "Escape") return escape(target);
  if (chosenKeys() === "off") return;
  if (target instanceof Element && target.closest("input, select, textarea, [contenteditable], dialog[open]")) return;
  if (event.repeat && !STEPS.includes(key)) return; // a key that is held down does a thing once
  if (going ? go(key) : press(key)) event.preventDefault();
}

/** A key by itself; true if it meant something here. */
function press(key: string): boolean {
  switch (key) {
    case "g":
      going = setTimeout(stopGoing, GOING_MS);
      document.body.dataset["going"] = "";
      return true;
    case "/":
      return focus(document.querySelector<HTMLElement>("main input[type=search]"));
    case "j":
      return step(1);
    case "k":
      return step(-1);
    case "r":
      void refresh();
      return true;
    case "?":
      openDialog("help");
      return true;
    default:
      return /^[a-z]$/.test(key) && click(key);
  }
}

/** The letter after `g`. */
function go(key: string): boolean {
  stopGoing();
  const place = document.querySelector<HTMLElement>(`[data-go="${CSS.escape(key)}"]`);
  place?.click();
  return !!place;
}

function stopGoing(): void {
  clearTimeout(going);
  going = 0;
  delete document.body.dataset["going"];
}

function escape(target: EventTarget | null): void {
  stopGoing();
  if (closeDrops(null)) return;
  if (target instanceof HTMLElement && target.matches("input, select, textarea")) target.blur();
}

/** Focus the next item of the page's lists, or the one before. */
function step(by: 1 | -1): boolean {
  const items = LISTS.map(seen).find(({ length }) => length) ?? [];
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const item = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by];
  if (!item) return items.length > 0;
  const link = item.querySelector<HTMLElement>("a[href], button, summary");
  if (!link) item.tabIndex = -1;
  (link ?? item).focus();
  (link ?? item).scrollIntoView({ block: "nearest" });
  return true;
}

/** Those that aren't folded away. */
function seen(selector: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(selector)].filter((item) => item.checkVisibility());
}

/** Press the button of the chosen item that has this key, or else the first on the page. */
function click(key: string): boolean {
  const selector = `[data-key="${key}"]`;
  const item = document.activeElement?.closest("[data-item]");
  const button = (item ?? document).querySelector<HTMLElement>(selector);
  if (!button) return false;
  button.click();
  const box = button.matches("summary") ? button.nextElementSibling : null;
  if (box) focus(box.querySelector<HTMLElement>("a, input, select"));
  return true;
}

function focus(element: HTMLElement | null): boolean {
  element?.focus();
  if (element instanceof HTMLInputElement) element.select();
  return !!element;
}

function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}
