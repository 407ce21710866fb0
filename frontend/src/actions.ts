/**
 * Forms that do something are sent in the background: the answer becomes a message that can undo it, and the page is
 * loaded anew. What is refused becomes a message too, and the form stays as it is. Without script they work as forms.
 * After all that, `chatvitals:acted` is dispatched on the document.
 */
import { refresh } from "./live/refresh.ts";
import { toast } from "./toasts.ts";

/** What the server tells of an action. */
interface Done {
  said: string;
  /** Where to go on. */
  to: string;
  undo: { path: string; fields: Record<string, string> } | null;
}

/** What is gone, or was changed meanwhile. */
const OUT_OF_DATE = [404, 409, 410];

export function startActions(): void {
  // Before htmx, which would take the answer for a page.
  document.addEventListener("submit", submitted, { capture: true });
}

function submitted(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !isAction(form)) return;
  event.preventDefault();
  event.stopPropagation();
  if (form.getAttribute("aria-busy") === "true") return;
  const fields = new FormData(form, event.submitter);
  const path = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.pathname;
  form.setAttribute("aria-busy", "true");
  void act(path, new URLSearchParams([...fields].map(([name, value]) => [name, String(value)]))).finally(() => {
    form.removeAttribute("aria-busy");
  });
}

function isAction(form: HTMLFormElement): boolean {
  if (form.closest('[data-hx-boost="false"]')) return false;
  return form.method === "post" && form.target === "" && form.enctype === "application/x-www-form-urlencoded";
}

async function act(path: string, fields: URLSearchParams): Promise<void> {
  const response = await post(path, fields);
  const elsewhere = response?.headers.get("hx-redirect");
  if (!response) toast("Not done: the server can’t be reached. Try again.", { grade: "bad" });
  else if (elsewhere) location.assign(elsewhere);
  else if (!response.ok || !isJson(response)) await refused(response);
  else await done((await response.json()) as Done);
  document.dispatchEvent(new CustomEvent("chatvitals:acted"));
}

/** Not so where something between this browser and the server answers with a page of its own. */
function isJson({ headers }: Response): boolean {
  return !!headers.get("content-type")?.startsWith("application/json");
}

/** Send a form; undefined where no answer came. */
async function post(path: string, body: URLSearchParams): Promise<Response | undefined> {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  try {
    return await fetch(path, { method: "POST", body, headers });
  } catch {
    return undefined; // what went wrong is in the browser's console; there is nothing else to know
  }
}

async function done({ said, to, undo }: Done): Promise<void> {
  toast(said, { undo: undo ? () => void act(undo.path, new URLSearchParams(undo.fields)) : undefined });
  await refresh(to && to !== location.pathname + location.search ? to : undefined);
}

/** Say why, in the words of the page that does. Where others were faster, the page is out of date and loaded anew. */
async function refused(response: Response): Promise<void> {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const words = page.querySelector("[data-problem]")?.textContent?.trim();
  toast(words || `Not done: the server answered ${response.status}.`, { grade: "bad" });
  if (OUT_OF_DATE.includes(response.status)) await refresh();
}
