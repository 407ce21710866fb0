// The parts of a page that change by themselves: each has an id, and in `data-live` the digest of its content.
import htmx from "../htmx.ts";

const FLASH_MS = 300;

/** What the page shows now. */
export function shown(): Record<string, string> {
  const have: Record<string, string> = {};
  for (const element of document.querySelectorAll<HTMLElement>("[data-live]")) {
    have[element.id] = element.dataset["live"] ?? "";
  }
  return have;
}

/** Fragments that can't be put in place while somebody works in them. */
const waiting = new Map<string, string>();

/** Put new fragments in place. False where one has no place: the page is built differently by now. */
export function put(fragments: Record<string, string>): boolean {
  let complete = true;
  for (const [id, html] of Object.entries(fragments)) {
    const element = document.getElementById(id);
    if (!element?.matches("[data-live]")) complete = false;
    else if (inUse(element)) waiting.set(id, html);
    else void replace(element, html);
  }
  return complete;
}

/** Put in place what waited and can be now. */
export function putWaiting(): void {
  for (const [id, html] of waiting) {
    const element = document.getElementById(id);
    if (element && inUse(element)) continue;
    waiting.delete(id);
    if (element) void replace(element, html);
  }
}

/** Whether something newer waits. */
export function isWaiting(): boolean {
  return waiting.size > 0;
}

export function forgetWaiting(): void {
  waiting.clear();
}

async function replace(element: HTMLElement, html: string): Promise<void> {
  const { id } = element;
  waiting.delete(id);
  const before = values(element).map(({ textContent }) => textContent);
  await htmx.swap({ sourceElement: element, target: element, text: html, swap: "outerMorph" });
  const now = document.getElementById(id);
  const changed = now ? values(now).filter(({ textContent }, place) => textContent !== before[place]) : [];
  for (const value of changed) value.classList.add("changed");
  setTimeout(() => changed.forEach((value) => value.classList.remove("changed")), FLASH_MS);
}

/** The figures of a fragment, which are marked for a moment when they become others. */
function values(element: Element): Element[] {
  return [...element.querySelectorAll(".value")];
}

/** Whether somebody writes in it, has something open, or has marked text to copy. */
function inUse(element: Element): boolean {
  const focused = document.activeElement;
  if (focused?.matches("input, select, textarea") && element.contains(focused)) return true;
  if (element.querySelector("dialog[open]")) return true;
  const selection = getSelection();
  return !!selection && !selection.isCollapsed && selection.containsNode(element, true);
}
