// The selected span, next to the text: what it is, and a button with its key for every verb. Built once, then updated.
import { createElement } from "./dom.js";
import { STATES } from "./span-store.js";

const key = (word) => createElement("kbd", {}, word);
// This many labels have a button, and all that have a key; the others are found by typing.
const BUTTONS = 24;

export class SelectedSpan {
  // `act(verb, value)` carries out a button. Without `editable` there are only the history and comments.
  constructor(panel, labels, keys, act, editable) {
    panel.querySelector("#selected-span, .start-review")?.remove();
    this.labels = labels;
    this.title = createElement("h2", { id: "selected-title" });
    this.facts = createElement("p", {});
    this.definition = createElement("p", { className: "definition quiet" });
    this.body = createElement("div", { className: "verbs" });
    this.section = createElement(
      "section",
      { className: "selected-span", id: "selected-span", "aria-labelledby": "selected-title" },
      createElement("header", {}, this.title, this.facts, this.definition),
      this.body,
    );
    (panel.querySelector("#outcome") ?? panel.firstElementChild).after(this.section);
    if (editable) this.#build(keys);
    this.history = createElement("a", {}, "History");
    const comment = panel.querySelector("#comments form")
      ? [this.#button("Comment", "comment", keys.comment), " "]
      : [];
    this.body.append(createElement("p", { className: "links" }, ...comment, this.history));
    this.section.addEventListener("click", (event) => {
      const pressed = event.target.closest("button");
      if (pressed?.dataset.label) act("label", Number(pressed.dataset.label));
      else if (pressed) act(pressed.dataset.verb);
    });
    this.show(null);
  }

  #button(text, verb, keyName, value = {}) {
    return createElement(
      "button",
      { type: "button", "data-verb": verb, ...value },
      text,
      " ",
      ...(keyName ? [key(keyName)] : []),
    );
  }

  #build(keys) {
    const button = this.#button;
    this.confirm = button("Confirm", "confirm", keys.confirm, { className: "primary" });
    this.reject = button("Reject", "reject", keys.reject);
    this.alike = button("Others like this", "alike", keys.alike);
    this.choices = createElement("div", { className: "choices", role: "group", "aria-label": "Label" });
    let shown = 0;
    for (const [number, label] of [...this.labels.values()].entries()) {
      if (number >= BUTTONS && !label.letter) continue;
      shown += 1;
      const labelButton = createElement("button", {
        type: "button",
        className: `label l-${label.id}`,
        title: label.definition ?? "",
        "data-label": label.id,
      });
      if (label.digit) labelButton.append(key(label.digit));
      labelButton.append(label.name);
      if (label.letter) labelButton.append(" ", createElement("kbd", { className: "letter" }, label.letter));
      this.choices.append(labelButton);
    }
    this.choices.append(
      button(
        this.labels.size > shown ? `All ${this.labels.size} labels` : "Find a label",
        "find-label",
        keys["find-label"],
        { className: "label" },
      ),
    );
    const edges = [
      ["start-out", "← start"],
      ["start-in", "start →"],
      ["end-in", "← end"],
      ["end-out", "end →"],
    ];
    this.edges = createElement(
      "div",
      { className: "edges", role: "group", "aria-label": "Boundaries" },
      ...edges.map(([verb, text]) => button(text, verb, keys[verb])),
    );
    this.body.append(
      createElement("div", { className: "big" }, this.confirm, this.reject, this.alike),
      this.choices,
      this.edges,
    );
  }

  show(span, store, here) {
    this.section.classList.toggle("nothing", !span);
    this.definition.textContent = (span && store.labels.get(span.label)?.definition) || "\u00a0";
    if (!span) {
      this.title.textContent = "Nothing selected";
      this.facts.replaceChildren("Select a span: Tab, an arrow key, or a click.");
      this.body.inert = true;
      return;
    }
    this.body.inert = false;
    const label = store.labels.get(span.label);
    this.title.textContent = store.quote(span).replace(/\s+/g, " ").slice(0, 120);
    this.title.dir = "auto";
    const score =
      span.score === null ? [] : [" ", createElement("span", { className: "score" }, span.score.toFixed(2))];
    this.facts.replaceChildren(
      createElement("span", { className: `tag l-${span.label}` }, label?.name ?? ""),
      " ",
      createElement("span", { className: "state" }, STATES[span.state]),
      ...score,
    );
    this.history.hidden = span.id < 0;
    this.history.href = `${here}spans/${span.id}/history/`;
    if (!this.confirm) return;
    this.confirm.disabled = span.state === "c";
    this.reject.disabled = span.state === "r";
    const number = store.alike(span).length;
    this.alike.firstChild.textContent = number ? `All ${number + 1} like this` : "Others like this";
    for (const button of this.choices.children) {
      if (Number(button.dataset.label) === span.label) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }
}
