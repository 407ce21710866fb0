/**
 * Panels that are put in order by dragging their handles, or by arrow keys on them. Where a panel shall be is what the
 * form of its tools sends; without script that has buttons.
 */

/** So long after the last key a panel stays where it was moved to. */
const SETTLES_MS = 500;

export function start(list: HTMLElement): () => void {
  const arranging = new Arranging(list);
  const listeners = new AbortController();
  const { signal } = listeners;
  list.addEventListener("keydown", (event) => arranging.pressed(event), { signal });
  list.addEventListener("focusout", () => arranging.settle(), { signal });
  // Where forms are taken from the browser, which lets nothing below hear of them.
  document.addEventListener("submit", (event) => arranging.submitted(event), { signal, capture: true });
  list.addEventListener("pointerdown", (event) => arranging.grabbed(event), { signal });
  list.addEventListener("pointermove", (event) => arranging.dragged(event), { signal });
  list.addEventListener("pointerup", () => arranging.dropped(), { signal });
  list.addEventListener("pointercancel", () => arranging.cancel(), { signal });
  document.addEventListener("chatvitals:acted", () => arranging.acted(), { signal });
  return () => listeners.abort();
}

/** A panel that is being moved, and the ids of all in their order before that. */
interface Moving {
  panel: HTMLElement;
  before: string[];
}

/** How things were when a form was sent: the view's revision, its panels, and what had the focus, on which of them. */
interface Sent {
  revision: string | undefined;
  order: string[];
  focused: string;
  place: number;
}

class Arranging {
  private moving: Moving | undefined;
  private dragging = false;
  private settling = 0;
  /** Until the answer is there nothing else is moved. */
  private sent: Sent | undefined;

  constructor(private readonly list: HTMLElement) {}

  pressed(event: KeyboardEvent): void {
    const panel = panelOf(event);
    if (!panel || event.ctrlKey || event.metaKey || event.altKey || this.dragging) {
      if (this.dragging && event.key === "Escape") this.cancel();
      return;
    }
    if (event.key === "Escape" && this.moving) this.cancel();
    else if (event.key === "Enter" && this.moving) this.settle();
    else {
      const place = this.placeFor(event.key, this.panels().indexOf(panel));
      if (place === undefined) return;
      this.moveTo(panel, place);
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.settle(), SETTLES_MS);
    }
    event.preventDefault();
  }

  grabbed(event: PointerEvent): void {
    const panel = panelOf(event);
    if (!panel || event.button !== 0 || this.sent) return;
    this.settle();
    event.preventDefault();
    handleOf(panel)?.focus();
    this.list.setPointerCapture(event.pointerId);
    this.moving = { panel, before: this.ids() };
    this.dragging = true;
    panel.dataset["moving"] = "";
  }

  dragged({ clientX, clientY }: PointerEvent): void {
    const { moving } = this;
    if (!moving || !this.dragging) return;
    const over = document
      .elementsFromPoint(clientX, clientY)
      .map((element) => element.closest<HTMLElement>(".view-panel"))
      .find((panel) => panel && panel !== moving.panel && this.list.contains(panel));
    if (over && this.isBeyond(over, moving.panel, clientX, clientY)) {
      this.moveTo(moving.panel, this.panels().indexOf(over));
    }
  }

  dropped(): void {
    if (!this.dragging) return;
    this.dragging = false;
    delete this.moving?.panel.dataset["moving"];
    this.settle();
  }

  /** Leave it where it was. */
  cancel(): void {
    clearTimeout(this.settling);
    const { moving } = this;
    if (!moving) return;
    this.dragging = false;
    delete moving.panel.dataset["moving"];
    this.moveTo(moving.panel, moving.before.indexOf(moving.panel.id));
    this.moving = undefined;
  }

  /** Keep it where it is now. */
  settle(): void {
    clearTimeout(this.settling);
    const { moving } = this;
    if (!moving || this.dragging) return;
    const place = this.panels().indexOf(moving.panel);
    const form = moving.panel.querySelector<HTMLFormElement>("form[data-move]");
    const field = form?.querySelector<HTMLInputElement>("input[name=place]");
    if (form && field && place !== moving.before.indexOf(moving.panel.id)) {
      field.value = String(place + 1);
      form.requestSubmit();
    }
    this.moving = undefined;
  }

  submitted({ target }: SubmitEvent): void {
    if (!(target instanceof Node && this.list.contains(target))) return;
    const focused = document.activeElement;
    this.sent = {
      revision: this.list.dataset["revision"],
      order: this.moving?.before ?? this.ids(),
      focused: focused?.id ?? "",
      place: this.panels().findIndex((panel) => panel.contains(focused)),
    };
  }

  /** The answer is there, and the page as it is now: what was kept is closed, and what was refused moves back. */
  acted(): void {
    const { sent } = this;
    if (!sent) return;
    this.sent = undefined;
    if (sent.revision === this.list.dataset["revision"]) this.putBack(sent.order);
    else for (const form of this.list.querySelectorAll<HTMLDetailsElement>("details[open]")) form.open = false;
    if (document.activeElement === document.body) this.focusAgain(sent);
  }

  private panels(): HTMLElement[] {
    return [...this.list.children] as HTMLElement[];
  }

  private ids(): string[] {
    return this.panels().map((panel) => panel.id);
  }

  private putBack(order: string[]): void {
    if (order.join() === this.ids().join()) return;
    this.list.append(...this.panels().sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id)));
  }

  /** Where the panel is gone, the one in its place has the focus. */
  private focusAgain({ focused, place }: Sent): void {
    if (place < 0) return;
    const next = this.panels()[Math.min(place, this.list.children.length - 1)];
    (document.getElementById(focused) ?? (next && handleOf(next)))?.focus();
  }

  private placeFor(key: string, place: number): number | undefined {
    const last = this.list.children.length - 1;
    switch (key) {
      case "ArrowLeft":
      case "ArrowUp":
        return Math.max(0, place - 1);
      case "ArrowRight":
      case "ArrowDown":
        return Math.min(last, place + 1);
      case "Home":
        return 0;
      case "End":
        return last;
      default:
        return undefined;
    }
  }

  private moveTo(panel: HTMLElement, place: number): void {
    if (this.sent) return;
    this.moving ??= { panel, before: this.ids() };
    if (place !== this.panels().indexOf(panel)) {
      const focused = document.activeElement;
      const moving = this.moving;
      this.moving = undefined; // leaving the document for a moment is not losing the focus
      panel.remove();
      this.list.insertBefore(panel, this.list.children[place] ?? null);
      if (focused instanceof HTMLElement && panel.contains(focused)) focused.focus();
      this.moving = moving;
    }
    this.say(`${panel.dataset["title"] ?? "It"}: place ${place + 1} of ${this.list.children.length}`);
  }

  /** Whether the pointer is so far over a panel that the moved one would be under it in its place. */
  private isBeyond(over: HTMLElement, moved: HTMLElement, x: number, y: number): boolean {
    const box = over.getBoundingClientRect();
    const after = !!(moved.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING);
    const sameRow = box.top < moved.getBoundingClientRect().bottom && moved.getBoundingClientRect().top < box.bottom;
    const [at, middle] = sameRow ? [x, box.left + box.width / 2] : [y, box.top + box.height / 2];
    return after ? at > middle : at < middle;
  }

  private say(words: string): void {
    const region = document.getElementById(this.list.dataset["said"] ?? "");
    if (region) region.textContent = words;
  }
}

function panelOf(event: Event): HTMLElement | undefined {
  const handle = event.target instanceof Element ? event.target.closest("[data-handle]") : null;
  return handle?.closest<HTMLElement>(".view-panel") ?? undefined;
}

function handleOf(panel: HTMLElement): HTMLElement | null {
  return panel.querySelector<HTMLElement>("[data-handle]");
}
