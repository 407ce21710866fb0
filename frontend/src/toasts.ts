/** Messages in the corner: what was done and how to take it back, or what couldn't be done and why. */
interface More {
  grade?: "bad";
  /** Takes back what the message tells. */
  undo?: (() => void) | undefined;
}

const STAYS_MS = 8_000;
const MOST = 3;

/** Show a message. It goes by itself, except when it is bad news, or while it is pointed at or focused. */
export function toast(said: string, { grade, undo }: More = {}): void {
  const region = document.getElementById("toasts");
  if (!region) return;
  const element = document.createElement("div");
  element.className = "toast";
  if (grade) element.dataset["grade"] = grade;
  const words = document.createElement("p");
  words.textContent = said;
  const tools = document.createElement("div");
  tools.className = "toast-tools";
  if (undo) tools.append(button("Undo", () => (element.remove(), undo())));
  tools.append(button("Dismiss", () => element.remove(), "quiet"));
  element.append(words, tools);
  region.append(element);
  while (region.children.length > MOST) region.firstElementChild?.remove();
  if (!grade) goAway(element);
}

function goAway(element: HTMLElement): void {
  setTimeout(() => {
    if (element.matches(":hover, :focus-within")) goAway(element);
    else element.remove();
  }, STAYS_MS);
}

function button(words: string, click: () => void, look = ""): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = `button small ${look}`;
  element.textContent = words;
  element.addEventListener("click", click);
  return element;
}
