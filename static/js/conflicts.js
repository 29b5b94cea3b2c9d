// Conflicts: a decision that the server refused because somebody else changed the span. Both sides are shown above the
// status bar until the editor chooses; other decisions do not wait.
import { createElement } from "./dom.js";

const WANTED = { confirm: "confirm it", reject: "reject it", relabel: "relabel it", move: "move it", add: "add it" };
const LINKED = { link: "link it to", unlink: "say that it is not" };

function wanted({ verb, label, name }) {
  if (LINKED[verb]) return `${LINKED[verb]} ${name}`;
  return `${WANTED[verb]}${label ? ` as ${label}` : ""}`;
}

export class Conflicts {
  // `overrule(choice, current, entry)` applies the editor's choice to the span as it is now.
  constructor(desk, article, keys, overrule) {
    this.container = createElement("section", {
      className: "conflicts",
      id: "conflicts",
      "aria-label": "Conflicting decisions",
    });
    desk.querySelector("#status-bar").before(this.container);
    Object.assign(this, { article, keys, overrule });
    this.open = [];
  }

  show(entry, problem) {
    const current = problem.current?.id ? problem.current : null;
    const choice = entry.choices?.[0];
    const mine = choice ? wanted(choice) : "undo";
    const sides = createElement(
      "dl",
      {},
      createElement("dt", {}, "You chose to"),
      createElement("dd", {}, `${mine}.`),
      createElement("dt", {}, "Now"),
      createElement(
        "dd",
        {},
        current ? this.#describe(current, problem) : `${problem.detail ?? "It no longer exists"}.`,
      ),
    );
    const conflict = { choice, current };
    const keep = this.#button("Keep current", this.keys["keep-theirs"], () => this.#close(conflict));
    const buttons = [keep];
    const elsewhere = entry.article !== this.article;
    if (elsewhere && entry.here)
      buttons.push(
        createElement(
          "a",
          { href: `${entry.here}${current ? `?span=${current.span ?? current.id}` : ""}` },
          "Open the article",
        ),
      );
    if ((current || entry.kind === "link") && choice && choice.verb !== "add" && !elsewhere) {
      conflict.mine = () => {
        this.#close(conflict);
        this.overrule(choice, current, entry);
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
    this.container.append(conflict.box);
  }

  // Answer the oldest conflict. False if there is none, or if it offers no choice.
  answer(mine) {
    const [first] = this.open;
    if (!first || (mine && !first.mine)) return false;
    if (mine) first.mine();
    else this.#close(first);
    return true;
  }

  #button(text, key, act) {
    const button = createElement(
      "button",
      { type: "button" },
      text,
      ...(key ? [" ", createElement("kbd", {}, key)] : []),
    );
    button.addEventListener("click", act);
    return button;
  }

  // A span, or a link with its entity.
  #describe(current, { decided_by: who, decided_at: when }) {
    const by = who
      ? `, by ${who}, ${new Date(when).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`
      : "";
    if (current.span) return `Linked to ${current.entity.name}, ${current.state}${by}.`;
    return `“${current.text}”, ${current.label}, ${current.state}${by}.`;
  }

  #close(conflict) {
    this.open = this.open.filter((other) => other !== conflict);
    conflict.box.remove();
    document.body.focus();
  }
}
