import type { Handle } from "../index";

const EVERY_MS = 30_000;
const FIRST_MS = 5_000;

interface Heap {
  memory?: { usedJSHeapSize: number; jsHeapSizeLimit: number };
  measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }>;
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
    const heap = performance as Heap;
    try {
      if (crossOriginIsolated && heap.measureUserAgentSpecificMemory) {
        const { bytes: usedBytes } = await heap.measureUserAgentSpecificMemory();
        vitals.trackMemory({ usedBytes, source: "measureUserAgentSpecificMemory", domNodes });
      } else if (heap.memory) {
        const { usedJSHeapSize: usedBytes, jsHeapSizeLimit: limitBytes } = heap.memory;
        vitals.trackMemory({ usedBytes, limitBytes, source: "performance.memory", domNodes });
      }
    } catch {
      // it may be asked for, and still be refused
    }
  };
  setTimeout(snapshot, FIRST_MS * Math.random());
}
