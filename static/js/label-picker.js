// Any label by its name: type some of it, and Enter gives it to the span in hand or to the words that are picked.
import { createElement } from "./dom.js";

const plain = (words) =>
  words
    .toLowerCase()
    .replace(/[\s_.-]+/g, " ")
    .trim();

// The labels that may be meant, best first: the name begins so, a word of it does, it holds this, its definition does.
export function found(labels, typed) {
  const [sought, solid] = [plain(typed), plain(typed).replaceAll(" ", "")];
  const ranked = [...labels].map((label) => {
    const name = plain(label.name);
    const whole = name.replaceAll(" ", "");
    const tests = [
      whole.startsWith(solid),
      name.includes(` ${sought}`),
      whole.includes(solid),
      plain(label.definition).includes(sought),
    ];
    return [tests.indexOf(true), label];
  });
  return ranked
    .filter(([rank]) => rank >= 0)
    .sort(([one], [other]) => one - other)
    .map(([, label]) => label);
}

export class LabelPicker {
  // `give(label, picked)` does what is chosen.
  constructor(book, picking, give) {
    Object.assign(this, { book, picking, give, labels: [] });
    this.field = createElement("input", {
      id: "chooser-field",
      autocomplete: "off",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": "chooser-list",
      "aria-autocomplete": "list",
      "aria-label": "Label",
      placeholder: "Type some of its name",
    });
    this.list = createElement("ul", { id: "chooser-list", role: "listbox", "aria-label": "Labels" });
    this.none = createElement("p", { className: "quiet", role: "status" });
    const form = createElement("form", { method: "dialog" }, this.field);
    this.dialog = createElement(
      "dialog",
      { id: "chooser", className: "chooser", "aria-label": "Choose a label" },
      form,
      this.list,
      this.none,
    );
    document.getElementById("desk").append(this.dialog);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#choose(this.labels[this.at]);
    });
    this.field.addEventListener("input", () => this.#fill());
    this.field.addEventListener("keydown", (event) => this.#pressed(event));
    this.list.addEventListener("click", (event) =>
      this.#choose(this.labels[[...this.list.children].indexOf(event.target.closest("li"))]),
    );
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.#leave());
    this.dialog.addEventListener("close", () => this.dialog.open || this.#leave());
  }

  // The selection goes while something is typed, and comes again where nothing is chosen.
  open(words) {
    this.picked = this.picking.picked();
    this.walking = this.picking.walking;
    this.dialog.setAttribute("aria-label", `Label of ${words}`);
    this.field.value = "";
    this.#fill();
    this.dialog.showModal();
    this.field.focus();
  }

  #fill() {
    this.labels = found(this.book.labels.values(), this.field.value);
    this.list.replaceChildren(...this.labels.map((label, number) => this.#option(label, number)));
    this.none.textContent = this.labels.length ? "" : "No matching label.";
    this.#mark(0);
  }

  #option({ id, name, short, definition }, number) {
    return createElement(
      "li",
      { id: `chooser-${number}`, role: "option" },
      createElement("span", { className: `tag l-${id}` }, name),
      createElement("span", { className: "quiet" }, definition || (short === name ? "" : short)),
    );
  }

  #mark(at) {
    this.at = at;
    for (const [number, option] of [...this.list.children].entries()) {
      option.setAttribute("aria-selected", String(number === at));
    }
    this.field.setAttribute("aria-activedescendant", this.labels.length ? `chooser-${at}` : "");
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  #pressed(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      this.#leave();
    }
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const number = this.labels.length;
    if (!way || !number) return;
    event.preventDefault();
    this.#mark((this.at + way + number) % number);
  }

  #choose(label) {
    if (!label) return;
    const { picked } = this;
    this.picked = null;
    this.dialog.close();
    this.give(label.id, picked);
  }

  // At once, and not when the browser tells that the dialog is closed: the next key may come before that.
  #leave() {
    const { picked, walking } = this;
    this.picked = null;
    this.dialog.close();
    if (!picked) return;
    this.picking.set(picked.start, picked.end);
    this.picking.walking = walking;
  }
}
