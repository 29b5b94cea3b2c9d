// Any label by its name: type some of it, and press Enter to label the selected span or text.
import { createElement } from "./dom.js";

const plain = (words) =>
  words
    .toLowerCase()
    .replace(/[\s_.-]+/g, " ")
    .trim();

// The labels that match, best first: the name starts with what was typed, a word of it does, the name contains it, the
// definition contains it.
function search(labels, typed) {
  const [query, solid] = [plain(typed), plain(typed).replaceAll(" ", "")];
  const ranked = [...labels].map((label) => {
    const name = plain(label.name);
    const whole = name.replaceAll(" ", "");
    const tests = [
      whole.startsWith(solid),
      name.includes(` ${query}`),
      whole.includes(solid),
      plain(label.definition).includes(query),
    ];
    return [tests.indexOf(true), label];
  });
  return ranked
    .filter(([rank]) => rank >= 0)
    .sort(([one], [other]) => one - other)
    .map(([, label]) => label);
}

export class LabelPicker {
  // `onChoose(label, range)` labels the range that was selected, or the selected span if `range` is null.
  constructor(store, selection, onChoose) {
    Object.assign(this, { store, selection, onChoose, labels: [] });
    this.field = createElement("input", {
      id: "label-picker-field",
      autocomplete: "off",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": "label-picker-list",
      "aria-autocomplete": "list",
      "aria-label": "Label",
      placeholder: "Type some of its name",
    });
    this.list = createElement("ul", { id: "label-picker-list", role: "listbox", "aria-label": "Labels" });
    this.none = createElement("p", { className: "quiet", role: "status" });
    const form = createElement("form", { method: "dialog" }, this.field);
    this.dialog = createElement(
      "dialog",
      { id: "label-picker", className: "label-picker", "aria-label": "Choose a label" },
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
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.#cancel());
    this.dialog.addEventListener("close", () => this.dialog.open || this.#cancel());
  }

  // The browser drops the selection while the field has the focus: it is restored if no label is chosen.
  open(quote) {
    this.range = this.selection.range();
    this.byKeys = this.selection.byKeys;
    this.dialog.setAttribute("aria-label", `Label of ${quote}`);
    this.field.value = "";
    this.#fill();
    this.dialog.showModal();
    this.field.focus();
  }

  #fill() {
    this.labels = search(this.store.offered.values(), this.field.value);
    this.list.replaceChildren(...this.labels.map((label, number) => this.#option(label, number)));
    this.none.textContent = this.labels.length ? "" : "No matching label.";
    this.#mark(0);
  }

  #option({ name, short, colour, definition }, number) {
    return createElement(
      "li",
      { id: `label-picker-${number}`, role: "option" },
      createElement("span", { className: `tag ${colour}` }, name),
      createElement("span", { className: "quiet" }, definition || (short === name ? "" : short)),
    );
  }

  #mark(at) {
    this.at = at;
    for (const [number, option] of [...this.list.children].entries()) {
      option.setAttribute("aria-selected", String(number === at));
    }
    this.field.setAttribute("aria-activedescendant", this.labels.length ? `label-picker-${at}` : "");
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  #pressed(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      this.#cancel();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const number = this.labels.length;
    if (!step || !number) return;
    event.preventDefault();
    this.#mark((this.at + step + number) % number);
  }

  #choose(label) {
    if (!label) return;
    const { range } = this;
    this.range = null;
    this.dialog.close();
    this.onChoose(label.id, range);
  }

  // Not left to the event `close`, which may come after the next key.
  #cancel() {
    const { range, byKeys } = this;
    this.range = null;
    this.dialog.close();
    if (!range) return;
    this.selection.set(range.start, range.end);
    this.selection.byKeys = byKeys;
  }
}
