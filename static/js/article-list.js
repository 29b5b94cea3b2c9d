// Keys in the list of articles: j and k, or the arrows, move to the next or previous row; x selects it; Enter opens it,
// as on every link. The row is the one whose link has the focus.
import { meanings } from "./keys.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
const rows = () => [...document.querySelectorAll("[data-row]")];
const linkOf = (row) => row.querySelector("h2 a, th a");

// The row that was left last, so that the keys go on from there after a click elsewhere.
let last = null;

function currentRow() {
  const focused = document.activeElement?.closest("[data-row]");
  return focused ?? (last?.isConnected ? last : null);
}

function move(step) {
  const all = rows();
  const at = all.indexOf(currentRow());
  const next = at < 0 ? all[0] : all[at + step];
  if (!next) return;
  last = next;
  linkOf(next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function toggle() {
  const box = currentRow()?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog, summary")) return;
    const [key] = meanings(event).filter((one) => one in STEPS || one === "x");
    if (!key) return;
    // Without a row, x and the arrows keep their meaning.
    if (key === "x" ? !toggle() : !rows().length) return;
    if (key !== "x") move(STEPS[key]);
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);
document.addEventListener("focusin", ({ target }) => {
  last = target.closest("[data-row]") ?? last;
});
