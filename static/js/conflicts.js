// A decision that the desk could not take: both sides stand beside each other, and the editor chooses.
import { STATES } from "./book.js";
import { make } from "./hand.js";

const WANTED = { confirm: "confirm it", reject: "reject it", relabel: "relabel it", move: "move it", add: "add it" };

export class Conflicts {
  constructor(panel, book, act) {
    this.place = make("div", { className: "conflicts", id: "conflicts" });
    panel.prepend(this.place);
    this.book = book;
    this.act = act;
  }

  show(entry, problem) {
    const current = problem.current?.id ? this.book.read(problem.current) : null;
    const choice = entry.choices?.[0];
    const mine = choice ? `${WANTED[choice.verb]}${choice.label ? ` as ${choice.label}` : ""}` : "undo";
    const sides = make("dl", {},
      make("dt", {}, "You chose to"), make("dd", {}, `${mine}.`),
      make("dt", {}, "Now"), make("dd", {}, current ? this.#standing(current) : `${problem.detail ?? "it stands no longer"}.`));
    const keep = make("button", { type: "button" }, "Keep what stands");
    const buttons = [keep];
    if (current && choice && choice.verb !== "add") buttons.push(make("button", { type: "button", className: "primary" }, "Mine instead"));
    const head = make("p", {}, make("strong", {}, problem.title ?? "Not saved"), " ", make("q", { dir: "auto" }, entry.quote.slice(0, 80)));
    const box = make("div", { className: "refusal conflict", role: "alert" }, head, sides, make("p", { className: "row-of-buttons" }, ...buttons));
    keep.addEventListener("click", () => this.#close(box));
    buttons[1]?.addEventListener("click", () => {
      this.#close(box);
      this.act(choice, current);
    });
    this.place.append(box);
  }

  #standing(span) {
    const label = this.book.labels.get(span.label);
    return `“${this.book.quote(span)}”, ${label?.name ?? ""}, ${STATES[span.state]}, revision ${span.revision}.`;
  }

  #close(box) {
    box.remove();
    document.body.focus();
  }
}
