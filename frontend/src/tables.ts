/**
 * Wide tables and texts scroll in their own box, which then can be reached by keyboard. A box that has room for all of
 * it (`fits`) doesn't scroll, so that the head of its table can stay in sight.
 */
const BOXES = ".table-box, .scroll";

let asked = 0;

export function startTables(): void {
  ask();
  addEventListener("resize", ask);
  for (const type of ["htmx:after:swap", "toggle"]) document.addEventListener(type, ask, { capture: true });
}

/** Measure once before the next frame, however much changes until then. */
function ask(): void {
  cancelAnimationFrame(asked);
  asked = requestAnimationFrame(measure);
}

function measure(): void {
  const boxes = [...document.querySelectorAll<HTMLElement>(BOXES)];
  const measured = boxes.map((box) => ({ box, fits: box.scrollWidth <= box.clientWidth }));
  for (const { box, fits } of measured) {
    box.classList.toggle("fits", fits);
    if (!fits && !box.hasAttribute("tabindex")) box.tabIndex = 0;
  }
}
