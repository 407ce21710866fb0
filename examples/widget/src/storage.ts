import type { Handle } from "chatvitals";
import { type Area, indexedDbArea, measureStorage } from "chatvitals/helpers";
import type { Config } from "./config";

const PREFIX = "fjellbu";

/** Under which names things are kept. */
export const NAMES = {
  content: `${PREFIX}.conversation`,
  id: `${PREFIX}.id`,
  crossing: `${PREFIX}.crossing`,
  tabs: `${PREFIX}.tabs`,
};

/** Where the conversation is kept: as long as the policy promises, and measured. */
export function openArea(vitals: Handle, { policy, storage }: Config): Area {
  if (policy === "ephemeral") return measureStorage(vitals, forgetful, "memory");
  if (policy === "session") return measureStorage(vitals, () => sessionStorage, "sessionStorage");
  if (storage === "localStorage") return measureStorage(vitals, () => localStorage);
  const area = indexedDbArea(PREFIX);
  return measureStorage(vitals, () => area, "indexedDB");
}

const kept = new Map<string, string>();
const forgetful = (): Area => ({
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => void kept.set(name, value),
  removeItem: (name) => void kept.delete(name),
});

/** The id of the conversation that goes on in this browser, where there is one; storage may be blocked. */
export function readId(config: Config): string | null {
  try {
    return idArea(config).getItem(NAMES.id);
  } catch {
    return null;
  }
}

/** Note the conversation's id, or that there is none any more. */
export function writeId(config: Config, id: string | null): void {
  try {
    if (id) idArea(config).setItem(NAMES.id, id);
    else idArea(config).removeItem(NAMES.id);
  } catch {
    // then the conversation lasts as long as the page
  }
}

const idArea = ({ policy }: Config): Pick<Storage, keyof Area> =>
  policy === "persist" ? localStorage : policy === "session" ? sessionStorage : (forgetful() as Pick<Storage, keyof Area>);
