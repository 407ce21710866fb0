export function start(_element: HTMLElement): () => void {
  return () => undefined;
}
