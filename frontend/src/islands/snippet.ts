/** A text to copy. Where the server doesn't know its own address, the text gets the one that this page has. */
export function start(element: HTMLElement): () => void {
  const text = element.querySelector("code");
  const button = element.querySelector("button");
  const address = element.dataset["address"];
  if (!text || !button) return () => undefined;
  if (address) text.textContent = text.textContent.replaceAll(address, location.origin);
  const copy = () => void copied(text).then((done) => (button.textContent = done ? "Copied" : "Selected"));
  button.addEventListener("click", copy);
  return () => button.removeEventListener("click", copy);
}

/** Whether it is in the clipboard; if not, as without TLS, it is selected. */
async function copied(text: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text.textContent);
    return true;
  } catch {
    getSelection()?.selectAllChildren(text);
    return false;
  }
}
