/** Boxes below buttons (`details.drop`): one at a time, closed by Escape, by a click beside them, by leaving them. */
export function startDrops(): void {
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const chosen = target.closest(".drop-panel a, .drop-panel.menu button");
    closeDrops(chosen ? null : target.closest("details.drop"));
  });
  document.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element && target !== document.body && !target.matches("main")) {
      closeDrops(target.closest("details.drop"));
    }
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = (event as CustomEvent<{ ctx: { sourceElement?: Element } }>).detail;
    if (ctx.sourceElement?.closest("details.drop")) closeDrops(null);
  });
}

/** Close those that are open, except one; true if there was any. */
export function closeDrops(except: Element | null): boolean {
  const drops = document.querySelectorAll<HTMLDetailsElement>("details.drop[open]");
  const open = [...drops].filter((drop) => drop !== except);
  for (const drop of open) {
    const hadFocus = drop.contains(document.activeElement);
    drop.open = false;
    if (hadFocus && !except) drop.querySelector("summary")?.focus();
  }
  return open.length > 0;
}
