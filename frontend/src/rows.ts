/**
 * A row leads where its first cell does. The other cells lie above that link, since they tell their exact figures on
 * hover, so a click on one of them is handed on.
 */
const OWN = "a, button, input, select, textarea, label, summary";

export function startRows(): void {
  document.addEventListener("click", follow);
}

function follow(event: MouseEvent): void {
  const { target, ctrlKey, metaKey, shiftKey } = event;
  if (event.defaultPrevented || !(target instanceof Element) || target.closest(OWN)) return;
  if (getSelection()?.toString()) return; // whoever marks text to copy it doesn't want to leave
  const link = target.closest(".table tbody tr")?.querySelector<HTMLAnchorElement>(".row-link");
  link?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
}
