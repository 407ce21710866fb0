/** A field with an address to be copied: whole, with the host that this page came from, and marked when it is focused. */
export function start(element: HTMLElement): () => void {
  const field = element as HTMLInputElement;
  field.value = new URL(field.value, location.href).href;
  const mark = (): void => field.select();
  field.addEventListener("focus", mark);
  return () => field.removeEventListener("focus", mark);
}
