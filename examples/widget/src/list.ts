import { inOrder, type Message } from "./message";

/** The list of messages on screen; each element carries its message's id. */
export interface List {
  readonly element: HTMLElement;
  /** Put a message where it belongs, or show what is new of it. */
  draw(message: Message, interrupted?: boolean): void;
  clear(): void;
}

const NEAR_END_PX = 80;

export function messageList(): List {
  const element = document.createElement("ol");
  const drawn = new Map<string, { item: HTMLLIElement; message: Message }>();

  const make = (message: Message): HTMLLIElement => {
    const item = document.createElement("li");
    item.dataset.id = message.id;
    item.className = message.author;
    drawn.set(message.id, { item, message });
    const order = inOrder([...drawn.values()].map((each) => each.message));
    const next = order[order.indexOf(message) + 1];
    element.insertBefore(item, (next && drawn.get(next.id)?.item) ?? null);
    return item;
  };

  return {
    element,
    draw(message, interrupted = false) {
      const follows = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
      const item = drawn.get(message.id)?.item ?? make(message);
      drawn.set(message.id, { item, message });
      if (item.textContent !== message.text) item.textContent = message.text;
      item.classList.toggle("unsent", message.author === "visitor" && message.ordinal === undefined);
      item.ariaBusy = `${message.author === "assistant" && message.ordinal === undefined && !interrupted}`;
      item.classList.toggle("interrupted", interrupted);
      if (follows || message.author === "visitor") element.scrollTop = element.scrollHeight;
    },
    clear() {
      drawn.clear();
      element.replaceChildren();
    },
  };
}
