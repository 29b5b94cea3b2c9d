// Which entity a span is: the likeliest by number, any by its name, a new one, or not the one that it is linked to. In the
// panel, under the selected span. Without the server, the entities that this page knows are offered.
import { createElement } from "./dom.js";
import { meanings } from "./keys.js";

const CANDIDATES = 3;
const FOUND = 8;
// Milliseconds without a key before the server is asked.
const PAUSE = 150;
const plain = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const onOneLine = (words) => words.replace(/\s+/g, " ").trim();

export class EntityChooser {
  // `choose(verb, spans, entity)` links the spans to an entity, a known one or {name, label}; or unlinks them.
  // `ready(span)` gives the span once the server knows it; `closed(span)` gives the focus back.
  constructor(section, store, { choose, ready, closed }) {
    Object.assign(this, { section, store, choose, ready, closed, span: null });
    this.field = createElement("input", {
      id: "entity-field",
      autocomplete: "off",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": "entity-list",
      "aria-autocomplete": "list",
      maxLength: 300,
      dir: "auto",
    });
    this.list = createElement("ul", { id: "entity-list", role: "listbox", "aria-label": "Entities" });
    this.status = createElement("p", { className: "quiet", role: "status" });
    this.all = createElement("input", { type: "checkbox" });
    this.allWords = createElement("span", {});
    this.allLabel = createElement(
      "label",
      { className: "all-alike" },
      this.all,
      this.allWords,
      createElement("kbd", {}, "*"),
    );
    const cancel = createElement(
      "button",
      { type: "button", className: "link" },
      "Cancel ",
      createElement("kbd", {}, "Esc"),
    );
    cancel.addEventListener("click", () => this.close());
    this.box = createElement(
      "form",
      { className: "entity-chooser", hidden: true, "aria-label": "Choose an entity" },
      this.field,
      this.list,
      this.status,
      createElement("p", { className: "chooser-foot" }, this.allLabel, cancel),
    );
    section.querySelector("header").after(this.box);
    this.box.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#take(this.options[this.at]);
    });
    this.field.addEventListener("input", () => this.#typed());
    this.box.addEventListener("keydown", (event) => this.#pressed(event));
    // A press must not take the focus from the field: a phone would close its keyboard, and everything would move.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const at = [...this.list.children].indexOf(event.target.closest("li"));
      if (at >= 0) this.#take(this.options[at]);
    });
  }

  get shown() {
    return Boolean(this.span);
  }

  open(span) {
    Object.assign(this, { span, naming: false, found: null, request: null, awaited: 0 });
    this.field.value = "";
    this.all.checked = false;
    const alike = this.store.alikeToLink(span).length;
    this.allLabel.hidden = !alike;
    this.allWords.textContent = ` and the ${alike === 1 ? "other" : `${alike} others`} like it here `;
    this.section.classList.add("choosing");
    this.box.hidden = false;
    this.#name();
    this.#fill();
    this.#load();
    this.field.focus();
    this.box.scrollIntoView({ block: "nearest" });
  }

  // With `quietly`, the focus stays where it is.
  close(quietly = false) {
    if (!this.span) return;
    const { span } = this;
    this.span = null;
    clearTimeout(this.timer);
    this.box.hidden = true;
    this.section.classList.remove("choosing");
    if (!quietly) this.closed(span);
  }

  #name() {
    const quote = onOneLine(this.store.quote(this.span)).slice(0, 80);
    const words = this.naming ? `Name of the new entity for ${quote}` : `Which entity is ${quote}?`;
    this.field.setAttribute("aria-label", words);
    this.field.placeholder = this.naming ? "Its name" : "Search by name";
  }

  // The server's candidates for the span, or entities with what was typed in their names.
  async #load() {
    const { span, naming } = this;
    const typed = onOneLine(this.field.value);
    const request = Symbol("request");
    Object.assign(this, { request, failed: false, loading: true });
    let found = null;
    try {
      found = typed ? await this.#search(typed) : await this.#candidates(span);
    } catch {
      // The server cannot be reached.
    }
    if (this.request !== request || this.span !== span || this.naming !== naming) return;
    Object.assign(this, {
      found: found ?? this.#known(typed || this.store.quote(span)),
      failed: !found,
      loading: false,
    });
    this.#fill();
    const awaited = this.#candidate(this.awaited);
    this.awaited = 0;
    if (awaited && !this.field.value) this.#take(awaited);
  }

  // The candidate with this number.
  #candidate(number) {
    return this.options.filter(({ verb }) => verb === "link")[number - 1];
  }

  async #search(typed) {
    const query = new URLSearchParams({ search: typed, limit: String(FOUND) });
    return this.#fetch(`/api/v1/corpora/${this.store.corpus}/entities/?${query}`);
  }

  async #candidates(span) {
    const { id } = (await this.ready(span)) ?? span;
    return id > 0 ? (await this.#fetch(`/api/v1/spans/${id}/candidates/`)).slice(0, CANDIDATES) : null;
  }

  async #fetch(address) {
    const response = await fetch(address, { cache: "no-store" });
    if (!response.ok) throw new Error(response.statusText);
    const { results } = await response.json();
    for (const entity of results) this.store.know(entity);
    return results;
  }

  // The entities on this page that share a word with a name, or a part of one.
  #known(name) {
    const words = plain(name).split(/\s+/).filter(Boolean);
    return [...this.store.entities.values()]
      .filter((entity) => words.some((word) => plain(entity.name).includes(word)))
      .slice(0, FOUND);
  }

  #fill() {
    const typed = onOneLine(this.field.value);
    const { link, label } = this.span;
    const quote = onOneLine(this.store.quote(this.span));
    const entities = (this.found ?? []).map((entity) => ({ verb: "link", entity }));
    const create = { verb: "new", entity: { name: typed || quote, label }, key: typed ? "" : "+" };
    const linked = link && !typed && !this.naming;
    const unlink = linked ? [{ verb: "unlink", entity: this.store.entities.get(link.entity), key: "−" }] : [];
    this.options = this.naming ? [create, ...entities] : [...entities, create, ...unlink];
    this.list.replaceChildren(...this.options.map((option, number) => this.#option(option, number, typed)));
    this.status.textContent = this.#says(typed);
    this.#mark(0);
  }

  #says(typed) {
    if (this.failed) return "Cannot reach the server: these are the entities of this page.";
    if (this.loading) return "Searching …";
    if (this.found?.length) return this.naming ? "The others exist already." : "";
    if (typed) return "No entity has such a name.";
    return `No ${this.span.link ? "other " : ""}entity is known by this name.`;
  }

  #option({ verb, entity, key }, number, typed) {
    const numbered = verb === "link" && !typed && !this.naming && number < CANDIDATES ? String(number + 1) : "";
    const hint = key || numbered ? [createElement("kbd", {}, key || numbered)] : [];
    const values = { id: `entity-option-${number}`, role: "option", className: verb };
    const name = createElement("b", { dir: "auto" }, entity?.name ?? "");
    if (verb === "unlink") return createElement("li", values, ...hint, createElement("span", {}, "Not ", name));
    if (verb === "new") {
      const { name: label, colour } = this.store.labels.get(entity.label);
      const words = typed || this.naming ? ["New: ", name, " "] : ["New entity … "];
      return createElement("li", values, ...hint, createElement("span", {}, ...words), this.#tag(label, colour));
    }
    const { label, description, mentions, reasons = [], id } = entity;
    const now = id === this.span.link?.entity ? ["now"] : [];
    const facts = [...now, description, ...reasons].filter(Boolean).join(" · ");
    const known = label && this.store.byName.get(label);
    return createElement(
      "li",
      values,
      ...hint,
      createElement(
        "span",
        {},
        name,
        " ",
        createElement("span", { className: "times" }, `×${mentions ?? 0}`),
        ...(facts ? [createElement("span", { className: "quiet" }, facts)] : []),
      ),
      ...(known && known.id !== this.span.label ? [this.#tag(label, known.colour)] : []),
    );
  }

  #tag(name, colour) {
    return createElement("span", { className: `tag ${colour}` }, name);
  }

  #mark(at) {
    this.at = at;
    for (const [number, option] of [...this.list.children].entries())
      option.setAttribute("aria-selected", String(number === at));
    this.field.setAttribute("aria-activedescendant", `entity-option-${at}`);
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  #typed() {
    clearTimeout(this.timer);
    this.request = null;
    this.loading = true;
    if (!this.field.value && !this.naming) this.found = null;
    this.#fill();
    this.timer = setTimeout(() => this.#load(), PAUSE);
  }

  #pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (this.naming) this.open(this.span);
      else this.close();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.#mark((this.at + step + this.options.length) % this.options.length);
    } else if (!this.field.value && !event.ctrlKey && !event.metaKey && event.target === this.field) this.#byKey(event);
  }

  // While nothing is typed, a digit takes a candidate, + a new entity, - none of them, and * all spans like it.
  #byKey(event) {
    const keys = meanings(event);
    const option = keys
      .map((key) => {
        if (/^[1-9]$/.test(key)) return this.#candidate(Number(key));
        const verb = { "+": "new", "-": "unlink", "−": "unlink" }[key];
        return verb && this.options.find((one) => one.verb === verb);
      })
      .find(Boolean);
    const digit = keys.find((key) => /^[1-9]$/.test(key));
    if (keys.includes("*") && !this.allLabel.hidden) this.all.checked = !this.all.checked;
    else if (option) this.#take(option);
    // The candidates are on their way.
    else if (digit && this.loading) this.awaited = Number(digit);
    else if (!digit || !this.found?.length) return;
    event.preventDefault();
  }

  #take(option) {
    if (!option) return;
    if (option.verb === "new" && !this.naming && !onOneLine(this.field.value)) {
      this.#startNaming();
      return;
    }
    if (option.verb === "new" && !option.entity.name) return;
    const { span } = this;
    const spans = [span, ...(this.all.checked ? this.store.alikeToLink(span) : [])];
    this.close(true);
    this.choose(option.verb === "unlink" ? "unlink" : "link", spans, option.entity);
  }

  // Its name is that of the span until another is typed.
  #startNaming() {
    this.naming = true;
    this.field.value = onOneLine(this.store.quote(this.span)).slice(0, 300);
    this.#name();
    this.#typed();
    this.field.focus();
    this.field.select();
  }
}
