/** Do what a browser may refuse; a guest makes no noise of it. Undefined where it was refused. */
export function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

export const nothing = (): void => {};
