// A decision that another person's stands against: both sides are shown above the status line, and the editor chooses
// when there is time for it. Nothing else waits for the choice.
import { createElement } from "./dom.js";

const WANTED = { confirm: "confirm it", reject: "reject it", relabel: "relabel it", move: "move it", add: "add it" };

export class Conflicts {
  // `insist(choice, current)` carries the editor's choice out on what stands now.
  constructor(desk, article, keys, insist) {
    this.place = createElement("section", {
      className: "conflicts",
      id: "conflicts",
      "aria-label": "Conflicting decisions",
    });
    desk.querySelector("#foot").before(this.place);
    Object.assign(this, { article, keys, insist });
    this.open = [];
  }

  show(entry, problem) {
    const current = problem.current?.id ? problem.current : null;
    const choice = entry.choices?.[0];
    const mine = choice ? `${WANTED[choice.verb]}${choice.label ? ` as ${choice.label}` : ""}` : "undo";
    const sides = createElement(
      "dl",
      {},
      createElement("dt", {}, "You chose to"),
      createElement("dd", {}, `${mine}.`),
      createElement("dt", {}, "Now"),
      createElement(
        "dd",
        {},
        current ? this.#standing(current, problem) : `${problem.detail ?? "It no longer exists"}.`,
      ),
    );
    const conflict = { choice, current };
    const keep = this.#button("Keep current", this.keys["keep-theirs"], () => this.#close(conflict));
    const buttons = [keep];
    const elsewhere = entry.article !== this.article;
    if (elsewhere && entry.here)
      buttons.push(
        createElement("a", { href: `${entry.here}${current ? `?span=${current.id}` : ""}` }, "Open the article"),
      );
    if (current && choice && choice.verb !== "add" && !elsewhere) {
      conflict.mine = () => {
        this.#close(conflict);
        this.insist(choice, current);
      };
      buttons.push(this.#button("Use mine", this.keys["use-mine"], conflict.mine));
    }
    const head = createElement(
      "p",
      {},
      createElement("strong", {}, problem.title ?? "Not saved"),
      " ",
      createElement("q", { dir: "auto" }, entry.quote.slice(0, 80)),
    );
    conflict.box = createElement(
      "div",
      { className: "refusal conflict", role: "alert" },
      head,
      sides,
      createElement("p", { className: "row-of-buttons" }, ...buttons),
    );
    this.open.push(conflict);
    this.place.append(conflict.box);
  }

  // The keys answer the one that has stood longest. False where there is none, or it leaves no choice.
  answer(mine) {
    const [first] = this.open;
    if (!first || (mine && !first.mine)) return false;
    if (mine) first.mine();
    else this.#close(first);
    return true;
  }

  #button(words, key, act) {
    const button = createElement(
      "button",
      { type: "button" },
      words,
      ...(key ? [" ", createElement("kbd", {}, key)] : []),
    );
    button.addEventListener("click", act);
    return button;
  }

  #standing(span, { decided_by: who, decided_at: when }) {
    const by = who
      ? `, by ${who}, ${new Date(when).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`
      : "";
    return `“${span.text}”, ${span.label}, ${span.state}${by}.`;
  }

  #close(conflict) {
    this.open = this.open.filter((other) => other !== conflict);
    conflict.box.remove();
    document.body.focus();
  }
}
