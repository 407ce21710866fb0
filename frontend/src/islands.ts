/** Islands: elements with `data-island="name"` that a module `islands/name.ts` brings to life, loaded when needed. */
interface Island {
  /** Bring an element to life; what is returned ends that again. */
  start(element: HTMLElement): () => void;
}

/** Elements that live, each with what ends it; undefined while the module is being loaded. */
const living = new Map<HTMLElement, (() => void) | undefined>();

/** Start what is new in `root`, and end what has left the document. */
export function startIslands(root: ParentNode): void {
  for (const [element, end] of living) {
    if (element.isConnected) continue;
    living.delete(element);
    end?.();
  }
  for (const element of root.querySelectorAll<HTMLElement>("[data-island]")) {
    if (!living.has(element)) void start(element, element.dataset["island"] ?? "");
  }
}

async function start(element: HTMLElement, name: string): Promise<void> {
  living.set(element, undefined);
  const island = (await import(`./islands/${name}.ts`).catch((error: unknown) => {
    living.delete(element); // it is tried again when the page changes
    throw error;
  })) as Island;
  if (living.has(element)) living.set(element, island.start(element));
}
