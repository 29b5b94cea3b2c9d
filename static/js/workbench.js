// The article page: connects its parts, and passes every key and button to the part that handles it.
import { BulkDialog } from "./bulk-dialog.js";
import { openComment } from "./comment-field.js";
import { Conflicts } from "./conflicts.js";
import { token } from "./csrf.js";
import { Decisions } from "./decisions.js";
import { afterFrame, reveal, whenIdle } from "./dom.js";
import { EntityChooser } from "./entity-chooser.js";
import { describeEvidence, fetchEvidence } from "./evidence.js";
import { FindInArticle } from "./find-in-article.js";
import { Finishing } from "./finishing.js";
import { Heartbeat } from "./heartbeat.js";
import { listen } from "./keys.js";
import { LabelPicker } from "./label-picker.js";
import { showPlace } from "./list-place.js";
import { say } from "./messages.js";
import { Outbox } from "./outbox.js";
import { PossibleSpans } from "./possible-spans.js";
import { ReadingView } from "./reading-view.js";
import { RemoteChanges } from "./remote-changes.js";
import { SeenSpans } from "./seen-spans.js";
import { labelButtons, SelectedSpan } from "./selected-span.js";
import { openSetAside } from "./set-aside.js";
import { SpanList } from "./span-list.js";
import { inReadingOrder, SpanStore } from "./span-store.js";
import { StatusBar } from "./status-bar.js";
import { TextRenderer } from "./text-renderer.js";
import { caretAt, TextSelection } from "./text-selection.js";
import { createSegmenters, moveBoundary } from "./word-boundaries.js";

const BOUNDARIES = {
  "start-out": ["start", -1],
  "start-in": ["start", 1],
  "end-out": ["end", 1],
  "end-in": ["end", -1],
};

const WALKS = {
  "next-doubtful": [1, true],
  "previous-doubtful": [-1, true],
  "next-undecided": [1, false],
  "previous-undecided": [-1, false],
};

class Workbench {
  constructor(desk) {
    this.desk = desk;
    // Whether decisions go on to the next doubtful suggestion, or to the next one.
    this.doubtFirst = false;
    const { user, article: id, here } = desk.dataset;
    const article = Number(id);
    this.here = here;
    this.keys = JSON.parse(desk.dataset.keys);
    this.store = new SpanStore(desk);
    this.renderer = new TextRenderer(desk.querySelector("#text"), this.store);
    this.seen = new SeenSpans(this.store, this.renderer);
    const act = (verb, value) => this.act(verb, value);
    this.spanList = new SpanList(desk, this.store, this.keys, {
      select: (span, options) => this.select(span, options),
      act,
      many: (verb, spans) => this.bulk.openMany({ verb }, spans),
      filtered: () => this.showSelected(),
    });
    const panel = desk.querySelector(".panel");
    this.selectedSpan = new SelectedSpan(panel, this.store, this.keys, act);
    if (this.store.corpus && this.store.editable) {
      this.chooser = new EntityChooser(this.selectedSpan.section, this.store, {
        choose: (verb, spans, entity) => this.linkTo(verb, spans, entity),
        ready: (span) => this.saved(span),
        closed: (span) => this.select(span.id, { scroll: false }),
      });
    }
    const signIn = `/sign-in/?next=${encodeURIComponent(here)}`;
    this.statusBar = new StatusBar(desk.querySelector("#status-bar"), signIn, () => this.remoteChanges.show());
    this.heartbeat = new Heartbeat(here, token, (state) => this.onState(state));
    this.outbox = new Outbox(user, () => this.heartbeat.ask(), {
      state: (name, waiting) => this.statusBar.state(name, waiting),
      accepted: (entry, result) => this.accepted(entry, result),
      refused: (entry, problem, dropped) => this.decisions.refused(entry, problem, dropped),
    });
    const draw = (changes) => this.draw(changes);
    const announce = (number, links) => this.statusBar.announceChanges(number, links);
    this.remoteChanges = new RemoteChanges(article, this.store, this.outbox, draw, announce);
    this.conflicts = new Conflicts(desk, article, this.keys, (...sides) => this.overrule(...sides));
    this.decisions = new Decisions(article, this.store, this.outbox, {
      here,
      draw,
      conflict: (entry, problem) => this.conflicts.show(entry, problem),
      reload: () => this.remoteChanges.reload(),
    });
    this.possible = this.store.editable
      ? new PossibleSpans(panel, article, this.store, this.renderer, this.keys.alternative, (one) => this.take(one))
      : null;
    this.bulk = new BulkDialog(article, this.store, {
      apply: (choice, span, matches) => this.applyBulk(choice, span, matches),
      applyMany: (choice, ids) => this.applyMany(choice, ids),
      failed: say,
    });
    this.find = new FindInArticle(desk.querySelector("#status-bar"), this.store.text, {
      from: () => this.place?.start ?? 0,
      show: (range) => this.showFound(range),
      land: (range, exactly) => this.land(range, exactly),
      label: (key) => {
        const label = [...this.store.labels.values()].find(({ digit }) => digit === key);
        if (label) this.act("label", label.id);
      },
    });
    this.finishing = new Finishing(this);
    const bar = desk.querySelector("#mark");
    if (this.store.editable && bar) {
      const choices = () => labelButtons(this.store, this.keys["find-label"]);
      this.selection = new TextSelection(this.renderer, this.store, bar, choices);
      this.labelPicker = new LabelPicker(this.store, this.selection, (label, range) => this.label(label, range));
    }
    const requested = Number(new URLSearchParams(location.search).get("span"));
    if (this.store.spans.has(requested)) this.select(requested, { focus: false, scroll: false });
    showPlace(desk.querySelector("#place"), article, this.here, this.keys);
    new ReadingView(desk, desk.querySelector("#view"));
    // Neither the first paint nor the first key waits for these.
    afterFrame(() => this.fillPanel());
    whenIdle(() => this.resume());
  }

  fillPanel() {
    this.selectedSpan.build(this.possible?.here);
    this.spanList.build();
    document.documentElement.classList.add("filled");
  }

  resume() {
    this.decisions.resume();
    if (this.outbox.queue.length) this.outbox.flush();
    else this.statusBar.state("saved", 0);
    this.possible?.load().then(() => this.showPossible());
    if (this.store.editable) this.seen.watch();
  }

  stop() {
    this.heartbeat.stop();
    this.seen.stop();
    this.selection?.stop.abort();
  }

  // Go on where the page stood before its article was drawn anew.
  follow({ renderer, doubtFirst, seen, finishing }) {
    this.doubtFirst = doubtFirst;
    this.finishing.warned = finishing.warned;
    for (const id of seen.seen) this.seen.add(id);
    if (this.store.spans.has(renderer.selected)) this.select(renderer.selected, { focus: false, scroll: false });
  }

  // The selected span, or null.
  get span() {
    return this.store.spans.get(this.renderer.selected) ?? null;
  }

  // The selected span or possible span, or the selected words; or null.
  get place() {
    return this.span ?? this.possible?.selected ?? this.selection?.range() ?? null;
  }

  // Select the possible span at a point of the window. Returns whether there is one.
  selectAt(x, y) {
    const caret = this.possible?.all.length ? caretAt(x, y) : null;
    if (!caret || !this.renderer.box.contains(caret[0])) return false;
    const at = this.renderer.offset(...caret);
    const possible = this.possible.covering({ start: at, end: at });
    if (possible) this.selectPossible(possible);
    return Boolean(possible);
  }

  showSelected() {
    if (this.chooser?.span && this.chooser.span.id !== this.renderer.selected) this.chooser.close(true);
    this.selectedSpan.show(this.span ?? this.possible?.selected ?? null, this.here);
    this.possible?.show(this.span);
  }

  select(id, { focus = true, scroll = true } = {}) {
    this.renderer.select(id);
    this.possible?.select(null);
    const span = this.span;
    this.showSelected();
    this.spanList.mark(id);
    if (!span) return;
    this.seen.add(id);
    const link = this.renderer.link(id);
    const folded = link?.closest("details:not([open])");
    if (folded) folded.open = true;
    if (link && focus) {
      link.setAttribute("aria-label", `${this.store.describe(span)}, ${this.store.position(span)}`);
      if (!link.matches("a")) link.tabIndex = -1;
      link.focus({ preventScroll: true });
    }
    if (link && scroll) reveal(link);
  }

  draw(changes) {
    for (const { was, id } of changes) if (was && this.renderer.selected === was) this.renderer.selected = id;
    this.renderer.draw(changes);
    this.spanList.draw(changes);
    this.showSelected();
    this.showPossible();
    if (this.store.editable) this.#showStage();
  }

  // The first decision begins the review of an article.
  #showStage() {
    const stage = this.decisions.decided && this.desk.querySelector(".review-state .stage");
    if (!stage || stage.matches(".in_review")) return;
    stage.className = "stage in_review";
    stage.textContent = "in review";
  }

  // Returns whether there is a next (`step` 1) or previous (-1) span.
  selectNeighbour(step) {
    this.doubtFirst = false;
    const next = this.store.neighbour(this.place, step);
    if (next) this.select(next.id);
    return Boolean(next);
  }

  // Go to the next (`step` 1) or previous (-1) suggestion to decide, or only to a doubtful one. Decisions then go on the
  // same way.
  walk(step, doubtful) {
    this.doubtFirst = doubtful;
    const next = this.store.around(this.place, step, this.#candidates());
    if (next) this.choose(next);
    else say(doubtful ? "No other suggestion is doubtful" : "Nothing else is left to decide");
  }

  // Select a span or a possible span.
  choose(one) {
    if (one.id) this.select(one.id);
    else this.selectPossible(one);
  }

  begin() {
    if (!this.store.editable) return;
    this.doubtFirst = true;
    this.doubtFirst = this.#candidates().length > 0;
    const [first] = this.#candidates();
    if (first) this.choose(first);
    else say("Nothing is left to decide");
  }

  // What the walk goes to: all suggestions, or the doubtful ones with the likely among the possible names.
  #candidates() {
    const listed = this.store.listed();
    if (!this.doubtFirst) return listed;
    const doubtful = listed.filter((span) => this.store.isDoubtful(span));
    const names = this.store.only ? [] : (this.possible?.likely() ?? []);
    return [...doubtful, ...names].sort(inReadingOrder);
  }

  decide(choice) {
    const before = this.span;
    const result = this.decisions.decide(choice);
    this.goOn(before, result?.id);
  }

  // Select what is to be decided after `before`. Where nothing is, stay at `instead`.
  goOn(before, instead = 0) {
    const next = this.store.around(before, 1, this.#candidates());
    if (next) this.choose(next);
    else if (this.store.only && this.store.waiting().length) {
      this.spanList.limit(0);
      this.goOn(before, instead);
    } else if (this.doubtFirst) {
      this.select(0);
      const left = this.store.waiting().length;
      say(left ? `Nothing doubtful is left. Ctrl+Enter confirms the other ${left}` : "Everything is decided");
    } else this.select(instead);
  }

  nextPossible() {
    const next = this.store.around(this.place, 1, this.possible?.free() ?? []);
    if (next) this.selectPossible(next);
    else say("There are no possible names");
  }

  selectPossible(possible) {
    this.select(0);
    this.possible.select(possible);
    this.showSelected();
    reveal(this.renderer.range(possible.start, possible.end));
    say(`${this.store.quote(possible)}, ${this.store.labels.get(possible.label).name}, possible`, "");
  }

  // What the find field has found: highlighted, and on the screen.
  showFound(range) {
    const found = range && this.renderer.range(range.start, range.end);
    if (found) {
      const folded = found.startContainer.parentElement.closest("details:not([open])");
      if (folded) folded.open = true;
      reveal(found);
    }
    if (!globalThis.CSS?.highlights) return;
    if (found) CSS.highlights.set("found", new Highlight(found));
    else CSS.highlights.delete("found");
  }

  // Select the smallest span around a range, a possible span, or else the words; with `exactly`, always the words.
  land(range, exactly) {
    const around = this.store
      .drawn()
      .filter(({ start, end }) => start <= range.start && range.end <= end)
      .sort((one, other) => one.end - one.start - (other.end - other.start));
    const possible = exactly || around.length ? null : this.possible?.covering(range);
    if (around.length && !exactly) this.select(around[0].id);
    else if (possible) this.selectPossible(possible);
    else if (this.selection) {
      this.select(0);
      this.selection.show(range.start, range.end);
    }
  }

  act(verb, value) {
    if (verb === "finish") this.finishing.run();
    else if (verb === "undo" && this.undoFinish()) return;
    else if (verb === "comment") openComment(this.desk, this.span, this.store);
    else if (verb === "set-aside") openSetAside(this.desk);
    else if (verb === "find") this.find.open();
    else if (verb === "why") this.explain();
    else if (verb === "previous-article" || verb === "next-article") this.leaf(verb);
    else if (WALKS[verb]) this.walk(...WALKS[verb]);
    if (!this.store.editable) return;
    if (verb === "confirm" || verb === "reject") this.confirmOrReject(verb);
    else if (verb === "begin") this.begin();
    else if (verb === "label") this.label(value);
    else if (BOUNDARIES[verb]) this.moveBoundary(verb, false);
    else if (verb === "boundaries") this.nextBoundaries();
    else if (verb === "next-possible") this.nextPossible();
    else if (verb === "many") this.openMany();
    else if (verb === "alike") this.openBulk();
    else if (verb === "alternative") this.takeFirst();
    else if (verb === "find-label") this.findLabel();
    else if (verb === "entity") this.chooseEntity();
    else if (verb === "select") this.selection?.begin(this.place?.end ?? 0);
    else if (verb === "keep-theirs" || verb === "use-mine") this.conflicts.answer(verb === "use-mine");
    else if (verb === "undo" || verb === "redo") this.undoOrRedo(verb);
  }

  confirmOrReject(verb) {
    const span = this.span;
    const possible = this.possible.selected;
    if (possible && verb === "confirm") this.take(possible);
    else if (possible) {
      this.possible.dismiss(possible);
      this.possible.refresh();
      if (this.doubtFirst) this.goOn(possible);
      else this.nextPossible();
    } else if (!span) this.selectNeighbour(1);
    else if (span.state !== (verb === "confirm" ? "c" : "r")) this.decide({ verb, span: span.id });
    else if (verb === "confirm" && span.link?.state === "s") this.linkTo("link", [span], this.store.entity(span));
    else this.goOn(span, span.id);
  }

  // Let the editor choose which entity the selected span is.
  chooseEntity() {
    const { span, store } = this;
    if (!this.chooser) return;
    if (!span || span.state === "r") say("Select a span first, then choose its entity");
    else if (!store.isLinked(span.label)) say(`${store.labels.get(span.label)?.name} is not linked to entities`);
    else {
      this.chooser.open(span);
      // In a narrow window the list covers more of the text.
      const link = this.renderer.link(span.id);
      reveal(link);
      const { top, left } = this.selectedSpan.section.getBoundingClientRect();
      const { bottom } = link.getBoundingClientRect();
      if (left <= 0 && bottom > top - 8) window.scrollBy(0, bottom - top + 16);
    }
  }

  // The span once the server knows it.
  async saved(span) {
    if (span.id < 0) await this.outbox.flush(true);
    return this.span;
  }

  // Link spans to an entity, or unlink them; then go on if the selected one was to be decided.
  linkTo(verb, spans, entity) {
    const before = this.span;
    const result = this.decisions.link(verb, spans, entity);
    const others = spans.length > 1 ? `, and ${spans.length - 1} like it` : "";
    say(`${verb === "link" ? "Linked to" : "Not"} ${entity.name}${others}. Ctrl+Z undoes it`);
    if (before?.state === "s" && verb === "link") this.goOn(before, result?.id);
    else this.select(result?.id ?? before?.id ?? 0, { scroll: false });
  }

  // Show why the selected span is suggested; again, hide it.
  async explain() {
    const span = this.span ?? this.possible?.selected;
    if (!span) return say("Select a suggestion first");
    if (this.selectedSpan.explained) return this.selectedSpan.explain(null);
    const { offsets } = this.store;
    try {
      const [start, end] = [offsets.point(span.start), offsets.point(span.end)];
      const found = await fetchEvidence(this.store.article, start, end);
      const address = (article, id) => `${this.here.replace(/\d+\/$/, "")}${article}/?span=${id}`;
      const now = this.span ?? this.possible?.selected;
      if (now?.start === span.start && now.end === span.end)
        this.selectedSpan.explain(describeEvidence(found, address), span);
      say(document.getElementById("evidence").innerText, "");
    } catch (error) {
      say(error.message && !(error instanceof TypeError) ? error.message : "Cannot reach the server");
    }
    return undefined;
  }

  // Take the next boundaries that are offered for the selected suggestion; after the last ones, its own again.
  nextBoundaries() {
    const span = this.span;
    if (this.cycle?.id !== span?.id || !span) {
      const others = this.possible.at(span).filter(({ start, end }) => start !== span.start || end !== span.end);
      this.cycle = { id: span?.id, choices: span ? [span, ...others] : [], at: 0 };
    }
    const { choices } = this.cycle;
    if (choices.length < 2) {
      say("No other boundaries are offered here: move them by words");
      return;
    }
    this.cycle.at = (this.cycle.at + 1) % choices.length;
    const { start, end, label } = choices[this.cycle.at];
    const changed = label === span.label ? {} : { label };
    const result = this.decisions.decide({ verb: "move", span: span.id, start, end, ...changed, offered: true });
    this.cycle.id = result.id;
    this.select(result.id, { scroll: false });
  }

  showPossible() {
    this.possible?.show(this.span);
    this.possible?.refresh();
    if (this.store.editable) whenIdle(() => this.seen.watch());
  }

  takeFirst() {
    const [first] = this.possible.at(this.span);
    if (first) this.take(first);
    else say("There is no other choice for this");
  }

  // Take a possible span: in place of the selected suggestion where they overlap, else as a new one.
  take({ start, end, label }) {
    const span = this.span;
    if (!span || span.state !== "s" || span.start >= end || start >= span.end) this.add({ start, end }, label, true);
    else {
      const same = span.start === start && span.end === end;
      const verb = same ? "relabel" : "move";
      const changed = same || label !== span.label ? { label } : {};
      this.decide({ verb, span: span.id, ...(same ? {} : { start, end }), ...changed, offered: true });
    }
  }

  // Go to another article of the list that one came from, or to the next of the corpus.
  leaf(verb) {
    const link = this.desk.querySelector(`#place a[data-step="${verb}"]`);
    if (link) link.click();
    else if (verb === "next-article") location.assign(this.desk.querySelector("#place").dataset.next);
    else say("This is the first article of the list, or you did not come from a list");
  }

  findLabel() {
    const range = this.selection?.range() ?? (this.span?.state === "r" ? null : this.place);
    if (range) this.labelPicker.open(this.store.quote(range));
    else say("Select a span or words first, then choose a label");
  }

  // Label the selected text, or else the selected span.
  label(label, range = this.selection?.range()) {
    const span = this.span;
    const possible = this.possible.selected;
    if (range) this.add(range, label);
    else if (possible) this.add(possible, label, label === possible.label);
    else if (span && span.state !== "r") {
      if (span.label === label) this.act("confirm");
      else this.decide({ verb: "relabel", span: span.id, label });
    }
  }

  // Add a span, `offered` as a possible one or not. A suggestion of the same range is relabeled instead.
  add({ start, end }, label, offered = false) {
    this.selection.clear();
    const holder = this.store.holder(start, end, label);
    const suggested = this.store.waiting().find((span) => span.start === start && span.end === end);
    const choice =
      suggested && holder?.state !== "s"
        ? { verb: "relabel", span: suggested.id, label, offered }
        : { verb: "add", start, end, label, offered };
    const possible = this.possible.selected;
    const result = holder?.state === "c" ? holder : this.decisions.decide(choice);
    if (possible && this.doubtFirst) this.goOn(result);
    else this.select(result.id, { scroll: false });
  }

  moveBoundary(verb, character) {
    const [side, direction] = BOUNDARIES[verb];
    if (this.selection?.moveBoundary(side, direction, character)) return;
    const span = this.span;
    if (!span || span.state === "r") return;
    const to = moveBoundary(this.store.text, span[side], side, direction, character);
    const range = { start: span.start, end: span.end, [side]: to };
    if (to === null || range.start >= range.end) return;
    const result = this.decisions.decide({ verb: "move", span: span.id, ...range });
    if (result) this.select(result.id, { scroll: false });
  }

  async openBulk() {
    if (this.bulk.shown) return this.bulk.widen();
    if (!this.span) return undefined;
    await this.outbox.flush(true);
    const span = this.span;
    if (span.state === "r") return undefined;
    const [first] = span.state === "c" ? this.store.alike(span) : [span];
    // What is like it is the same entity.
    const { entity } = span.link ?? {};
    return first
      ? this.bulk.open({ verb: "confirm", span: first.id, entity }, first)
      : this.bulk.open({ verb: "add", label: span.label, entity }, span);
  }

  applyBulk(choice, span, matches) {
    this.decisions.decideAlike(choice, matches);
    this.goOn(span, span.id);
  }

  openMany() {
    const listed = this.store.listed();
    if (listed.length) this.bulk.openMany({ verb: "confirm" }, listed);
    else say("Nothing is left to decide");
  }

  // One decision on several suggestions; those that somebody decided meanwhile are left out.
  applyMany({ verb, label }, ids) {
    const left = ids.map((id) => this.store.spans.get(id)).filter((span) => span?.state === "s");
    const choices = left.map((span) => {
      if (verb !== "relabel") return { verb, span: span.id };
      return span.label === label ? { verb: "confirm", span: span.id } : { verb, span: span.id, label };
    });
    if (!choices.length) return;
    const before = this.place;
    this.decisions.decide(...choices);
    const done = { confirm: "confirmed", reject: "rejected", relabel: "relabelled" }[verb];
    say(`${choices.length} ${done}. Ctrl+Z undoes it`);
    this.goOn(before);
  }

  async undoOrRedo(verb) {
    const done = await this.decisions[verb]();
    if (done !== undefined) say(done ? (verb === "undo" ? "Undone" : "Redone") : `Nothing to ${verb}`);
  }

  // Undo the finish of the article before, unless something was decided here since.
  undoFinish() {
    const button = this.decisions.done.length ? null : this.desk.querySelector("[data-undo-finish]");
    button?.click();
    return Boolean(button);
  }

  accepted(entry, result) {
    const found = this.decisions.accepted(entry, result);
    if (found?.left_out.length) say(`${found.left_out.length} had changed and were left unchanged`);
    else if (found?.notices.length)
      say(`The suggestion “${entry.quote.slice(0, 60)}” had changed: your decision was saved`);
  }

  // Apply a refused choice to the span as it is now.
  overrule({ verb, label, start, end }, current, { kind, choices }) {
    const { offsets, byName } = this.store;
    if (kind === "link") {
      this.#overruleLinks(choices);
      return;
    }
    const range = start === undefined ? {} : { start: offsets.unit(start), end: offsets.unit(end) };
    this.decisions.decide({ verb, span: current.id, ...range, ...(label ? { label: byName.get(label).id } : {}) });
    this.select(current.id);
  }

  #overruleLinks(choices) {
    const [{ verb, entity: id, name, new: made }] = choices;
    const spans = choices.map(({ span }) => this.store.spans.get(span)).filter((span) => span && span.state !== "r");
    const label = made && this.store.byName.get(made.label).id;
    if (spans.length) this.linkTo(verb, spans, made ? { name, label } : { id, name });
  }

  onState({ here, user, mark }) {
    if (here) this.statusBar.showPeople(here);
    if (user && this.outbox.queue.length) this.outbox.flush();
    if (mark) this.remoteChanges.check(mark, () => this.statusBar.stageChanged());
  }
}

let workbench = null;

function start() {
  const desk = document.getElementById("desk");
  const former = workbench;
  former?.stop();
  workbench = desk ? new Workbench(desk) : null;
  if (workbench && former?.store.article === workbench.store.article) workbench.follow(former);
}

// A click selects a span; further clicks on the same place select the spans around it.
function click(event) {
  if (!workbench || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey) return;
  const span = event.target.closest("#text [data-s]");
  // Shift extended a selection.
  if (event.shiftKey) return span && event.preventDefault();
  const row = event.target.closest(".spans li[id] a");
  const button = event.target.closest(
    ".spans li[id] button, #mark :is([data-label], [data-verb]), #status-bar [data-verb]",
  );
  if (button) {
    event.preventDefault();
    press(button);
  } else if (row) {
    event.preventDefault();
    workbench.select(idOfRow(row), { focus: false });
  } else if (event.target.closest("#text")) {
    if (!span) return document.getSelection()?.isCollapsed === true && workbench.selectAt(event.clientX, event.clientY);
    event.preventDefault();
    if (document.getSelection()?.isCollapsed === false) return;
    workbench.select(nextOutwards(span, workbench.renderer.selected), { scroll: false });
  }
}

const idOfRow = (element) => Number(element.closest("li").id.slice(4));

function press(button) {
  if (button.dataset.label) return workbench.act("label", Number(button.dataset.label));
  if (button.dataset.verb) return workbench.act(button.dataset.verb);
  workbench.select(idOfRow(button), { focus: false });
  return workbench.act(button.name);
}

function nextOutwards(span, selected) {
  const around = [];
  for (let element = span; element; element = element.parentElement.closest("#text [data-s]"))
    around.push(Number(element.dataset.s));
  return around[(around.indexOf(selected) + 1) % around.length];
}

// Browsers start no selection within a link: a span has no address while the pointer is down.
function unlink(event) {
  const link = !event.button && !event.ctrlKey && !event.metaKey && event.target.closest?.("#text a[href]");
  if (!link) return;
  const address = link.getAttribute("href");
  link.removeAttribute("href");
  for (const name of ["pointerup", "pointercancel"])
    addEventListener(name, () => link.setAttribute("href", address), { capture: true, once: true });
}

start();
listen(() => workbench);
document.addEventListener("pointerdown", unlink, { capture: true });
performance.mark("workbench");
whenIdle(createSegmenters);
document.addEventListener("click", click);
document.addEventListener("desk:placed", start);
document.addEventListener("copy", (event) => {
  const selection = document.getSelection();
  if (!selection.rangeCount || !event.target.closest?.("#text")) return;
  event.clipboardData.setData("text/plain", selection.getRangeAt(0).toString());
  event.preventDefault();
});
