import type { Handle } from "../index.js";
import { nameOf } from "./page.js";

/** Take a census of what this browser lets the widget keep. Writes nothing where nothing may be kept. */
export async function probeStorage(vitals: Handle): Promise<void> {
  let reason: string | undefined;
  let told = {};
  try {
    const probe = `chatvitals.probe${localStorage.length}`;
    if (vitals.stores()) {
      localStorage.setItem(probe, "");
      localStorage.removeItem(probe);
    }
  } catch (error) {
    reason = nameOf(error);
  }
  try {
    const { storage } = navigator;
    const { quota, usage } = await storage.estimate();
    told = { quota, usage, persisted: await storage.persisted() };
  } catch {
    // older browsers, and frames that may not ask
  }
  vitals.trackStorage({ available: !reason, policy: vitals.policy, reason, ...told });
}
