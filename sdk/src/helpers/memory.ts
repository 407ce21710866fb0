import type { Handle } from "../index.js";

const EVERY_MS = 30_000;
const FIRST_MS = 5_000;

interface Heap {
  bytes?: number;
  usedJSHeapSize?: number;
  jsHeapSizeLimit?: number;
}

interface Measuring {
  memory: Heap;
  measureUserAgentSpecificMemory(): Promise<Heap>;
}

/**
 * Measure memory every 30 s with jitter, while the page is seen, and the size of the widget below `root`. Browsers that
 * can't tell send nothing.
 */
export function measureMemory(vitals: Handle, root?: ParentNode): void {
  const snapshot = async (): Promise<void> => {
    if (vitals.ended.aborted) return;
    setTimeout(snapshot, EVERY_MS * (0.9 + Math.random() / 5));
    if (document.hidden) return;
    const domNodes = root?.querySelectorAll("*").length;
    const tells = performance as unknown as Measuring;
    try {
      const source = crossOriginIsolated ? "measureUserAgentSpecificMemory" : "performance.memory";
      const heap = crossOriginIsolated ? await tells.measureUserAgentSpecificMemory() : tells.memory;
      const usedBytes = heap.usedJSHeapSize ?? heap.bytes!;
      if (usedBytes > 0) vitals.trackMemory({ usedBytes, limitBytes: heap.jsHeapSizeLimit, source, domNodes });
    } catch {
      // most browsers have neither, and what may be asked for may still be refused
    }
  };
  setTimeout(snapshot, FIRST_MS * Math.random());
}
