// What the fields of the filters offer: the values that their dimension has in what is looked at.

const PAUSE_MS = 150;
const MOST = 20;
/** The window of a page that says none. */
const DEFAULT_WINDOW_MS = "3600000";
/** What the API doesn't know of a page's address. */
const PAGES_OWN = ["tz", "compare"];

interface Answer {
  values: { value: string; n: number }[];
}

/** Offer values in every field with `data-values`, which names its dimension. */
export function offerValues(): void {
  for (const type of ["focusin", "input"]) {
    document.addEventListener(type, ({ target }) => {
      if (target instanceof HTMLInputElement && target.dataset["values"]) schedule(target);
    });
  }
}

let waiting = 0;

function schedule(field: HTMLInputElement): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => void offer(field), PAUSE_MS);
}

async function offer(field: HTMLInputElement): Promise<void> {
  const text = field.value;
  const response = await fetch(`/api/monitoring/values?${question(field, text)}`).catch(() => undefined);
  if (!response?.ok || field.value !== text) return;
  const { values } = (await response.json()) as Answer;
  const list = listOf(field);
  list.replaceChildren(
    ...values.map(({ value, n }) => {
      const option = document.createElement("option");
      option.value = value;
      option.label = `${value} (${n.toLocaleString("en")} events)`;
      return option;
    }),
  );
}

/** The page's window and filters, as the API reads them. */
function question(field: HTMLInputElement, text: string): URLSearchParams {
  const form = new FormData(field.form ?? undefined);
  const address = new URL(document.body.dataset["url"] ?? "", location.href).searchParams;
  const asked = new URLSearchParams();
  for (const [name, value] of address) {
    const filters = form.has(name) && !PAGES_OWN.includes(name) && name !== field.name;
    if (filters || ["window", "from", "to"].includes(name)) asked.append(name, value);
  }
  if (!asked.has("window") && !asked.has("from")) asked.set("window", DEFAULT_WINDOW_MS);
  asked.set("dimension", field.dataset["values"] ?? "");
  asked.set("search", text);
  asked.set("limit", String(MOST));
  return asked;
}

/** The list that the browser shows below a field, made when it is needed first. */
function listOf(field: HTMLInputElement): HTMLDataListElement {
  const id = `values-of-${field.name}`;
  let list = document.getElementById(id) as HTMLDataListElement | null;
  if (!list) {
    list = document.createElement("datalist");
    list.id = id;
    list.setAttribute("data-keep", "");
    document.body.append(list);
  }
  field.setAttribute("list", id);
  return list;
}
