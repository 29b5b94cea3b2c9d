// Decides, undoes and redoes at once on this page, and gives each decision to the outbox. The page takes over what the
// server answers; a refusal is shown with both sides.
import { newKey } from "./outbox.js";
import { sameLink } from "./span-store.js";

// Milliseconds in which moving the same boundary again changes the same decision.
const MOVE_PAUSE = 700;

export class Decisions {
  // `draw(changes)` draws; `conflict(entry, problem)` asks the editor; `reload()` reads all spans again.
  constructor(article, store, outbox, { here, draw, conflict, reload }) {
    Object.assign(this, { article, store, outbox, here, draw, conflict, reload });
    // The decisions that can be undone and redone: {key, changes, decision}; `decision` is the server's id.
    this.done = [];
    this.undone = [];
    // By span id, the key of the newest decision that the server has not answered.
    this.open = new Map();
    // By key, the changes of these decisions.
    this.changes = new Map();
    // The key of the newest undo or redo on its way whose changes this page does not know.
    this.unknown = null;
    // By key, undos and redos of decisions that only the server knows: {onto, resolve}.
    this.requests = new Map();
    this.decided = false;
    this.resumed = false;
  }

  // Apply the decisions that are still in the outbox, once, before anything else is decided.
  resume() {
    if (this.resumed) return;
    this.resumed = true;
    for (const entry of this.outbox.queue) {
      if (entry.article !== this.article) continue;
      this.decided = true;
      if (entry.kind === "undo") {
        this.#resumeUndo(entry);
        continue;
      }
      const changes = entry.choices.flatMap((choice) => this.#replay(choice));
      this.#open(entry, changes);
      this.done.push({ key: entry.key, changes });
      this.draw(changes);
    }
  }

  // An undo or redo in the outbox. Its changes are known only if its decision is in the outbox too.
  #resumeUndo(entry) {
    for (const [side, from, onto] of [
      ["before", this.done, this.undone],
      ["after", this.undone, this.done],
    ]) {
      const at = from.findIndex(({ key }) => key === entry.of);
      if (at < 0) continue;
      const [{ changes }] = from.splice(at, 1);
      const restored = this.store.restore(changes, side);
      this.#open(entry, restored);
      onto.push({ key: entry.key, changes });
      this.draw(restored);
      return;
    }
    this.unknown = entry.key;
  }

  #replay(choice) {
    const { offsets, byName } = this.store;
    if (choice.name) this.store.know({ id: choice.entity, name: choice.name });
    const range =
      choice.start === undefined ? {} : { start: offsets.unit(choice.start), end: offsets.unit(choice.end) };
    const changes = this.store.apply({ ...choice, ...range, label: byName.get(choice.label)?.id });
    if (choice.local && changes[0] && !changes[0].before) {
      this.store.rename(changes[0].id, choice.local);
      changes[0] = { ...changes[0], id: choice.local, after: this.store.spans.get(choice.local) };
    }
    return changes;
  }

  #open(entry, changes) {
    this.changes.set(entry.key, changes);
    for (const { id } of changes) this.open.set(id, entry.key);
  }

  // Choices are {verb, span, start, end, label}, with UTF-16 offsets and label ids. Returns the resulting span.
  decide(...choices) {
    this.resume();
    const [first] = choices;
    if (first.verb === "move" && this.#continueMove(first)) return this.store.spans.get(first.span);
    const until = first.verb === "move" ? { until: Date.now() + MOVE_PAUSE } : {};
    const sent = choices.map((choice) => this.#toJson(this.#withShown(choice)));
    const changes = choices.flatMap((choice, position) => {
      const changed = this.store.apply(this.#withShown(choice));
      if (choice.verb === "add" && changed[0]) sent[position].local = changed[0].id;
      // Another span had this range and label: the choice applies to that one.
      else if (changed[0] && changed[0].id !== choice.span) sent[position].leaves = changed[0].id;
      return changed;
    });
    return this.#enter({ kind: "decide", choices: sent, ...until }, changes);
  }

  // Who confirms a span confirms the link that is shown with it.
  #withShown(choice) {
    const link = choice.verb === "confirm" ? this.store.spans.get(choice.span)?.link : null;
    return link?.state === "s" ? { ...choice, entity: link.entity } : choice;
  }

  // Move the boundary further within the decision that is still held back. False if there is none.
  #continueMove({ span: id, start, end }) {
    const { held } = this.outbox;
    const last = this.done.at(-1);
    const [choice] = held?.choices ?? [];
    if (!last || held?.key !== last.key || choice.verb !== "move" || choice.offered) return false;
    if (choice.span !== id || last.changes.length !== 1) return false;
    const { label } = this.store.spans.get(id);
    if (this.store.holder(start, end, label)) return false;
    const [change] = this.store.apply({ verb: "move", span: id, start, end });
    last.changes[0].after = change.after;
    Object.assign(choice, { start: this.store.offsets.point(start), end: this.store.offsets.point(end) });
    held.until = Date.now() + MOVE_PAUSE;
    this.draw([change]);
    this.outbox.amend(held);
    return true;
  }

  // Link spans to an entity {id, name} or a new one {name, label}, or say that they are not the one that they are linked
  // to. Returns the first span.
  link(verb, spans, entity) {
    this.resume();
    const made = entity.id ? null : { name: entity.name, label: this.store.labels.get(entity.label).name };
    // Until the server has given a new entity an id.
    const id = entity.id ?? -Date.now();
    this.store.know({ id, name: entity.name });
    const sent = spans.map((span) => ({
      ...this.#toJson({ verb, span: span.id }),
      entity: id,
      name: entity.name,
      link: span.link?.revision,
      ...(made ? { new: made } : {}),
    }));
    const changes = spans.flatMap((span) => this.store.apply({ verb, span: span.id, entity: id }));
    return this.#enter({ kind: "link", corpus: this.store.corpus, choices: sent }, changes);
  }

  // The same choice for all `matches` of a preview. They are linked to its entity, too.
  decideAlike(choice, matches) {
    this.resume();
    if (choice.verb === "add") return this.#addAlike(choice, matches);
    const changes = this.store.apply(choice);
    const sent = { ...this.#toJson(choice), ...(choice.entity ? { entity: choice.entity } : {}) };
    for (const match of matches) {
      if (match.article === this.article) changes.push(...this.store.apply({ ...choice, span: match.span }));
    }
    const others = matches.map(({ article, span, revision }) => ({ article, span, revision }));
    return this.#enter({ kind: "alike", choices: [sent], matches: others }, changes);
  }

  // The request names a first range and then the others; the selected span exists already.
  #addAlike({ label, entity }, matches) {
    const { offsets, labels } = this.store;
    const first = matches.find(({ article }) => article === this.article) ?? matches[0];
    const changes = [];
    for (const match of matches) {
      if (match.article !== this.article) continue;
      const [start, end] = [offsets.unit(match.start), offsets.unit(match.end)];
      changes.push(...this.store.apply({ verb: "add", start, end, label, entity }));
    }
    const others = matches
      .filter((match) => match !== first)
      .map(({ article, start, end }) => ({ article, start, end }));
    const sent = { verb: "add", start: first.start, end: first.end, label: labels.get(label).name };
    if (entity) sent.entity = entity;
    return this.#enter({ kind: "alike", article: first.article, choices: [sent], matches: others }, changes);
  }

  #enter(values, changes) {
    const quote = changes[0] ? this.store.quote(changes[0].after ?? changes[0].before) : "";
    const entry = { key: newKey(), article: this.article, here: this.here, quote, ...values };
    this.#open(entry, changes);
    this.done.push({ key: entry.key, changes });
    this.undone = [];
    this.decided = true;
    this.draw(changes);
    this.outbox.add(entry);
    return changes[0]?.after ?? null;
  }

  #toJson({ verb, span: id, start, end, label, offered, entity }) {
    const point = (unit) => this.store.offsets.point(unit);
    const choice = { verb };
    if (verb !== "add") {
      const key = [this.open.get(id), this.unknown].filter(Boolean).sort().at(-1);
      const span = this.store.spans.get(id);
      Object.assign(choice, { span: id, revision: span?.revision, ...(key ? { after: key } : {}) });
      // Names the span again, in case a machine withdrew it meanwhile.
      if (span) {
        const name = this.store.labels.get(span.label).name;
        choice.seen = { start: point(span.start), end: point(span.end), label: name };
      }
    }
    if (start !== undefined) Object.assign(choice, { start: point(start), end: point(end) });
    if (label !== undefined) choice.label = this.store.labels.get(label).name;
    if (offered) choice.offered = true;
    if (entity) choice.entity = entity;
    return choice;
  }

  // Both return whether something was undone or redone; undefined if the server refused.
  async undo() {
    this.resume();
    const last = this.done.pop();
    return last ? this.#undoOrRedo(last, "before", this.undone) : this.#request("last", this.undone);
  }

  async redo() {
    this.resume();
    const last = this.undone.pop();
    if (last) return this.#undoOrRedo(last, "after", this.done);
    return !this.decided && this.#request("undone", this.done);
  }

  // Undo or redo a decision that this page does not know, from an earlier visit or another page. The outbox looks up the
  // newest one when the entry is sent.
  #request(name, onto) {
    const entry = { key: newKey(), article: this.article, here: this.here, kind: "undo", earlier: name, quote: "" };
    this.#open(entry, []);
    this.unknown = entry.key;
    this.outbox.add(entry);
    return new Promise((resolve) => this.requests.set(entry.key, { onto, resolve }));
  }

  #answerRequest({ key, decision }, result) {
    const { onto, resolve } = this.requests.get(key);
    this.requests.delete(key);
    for (const list of [this.done, this.undone]) {
      const known = list.findIndex((one) => one.decision === decision);
      if (result?.decision && known >= 0) list.splice(known, 1);
    }
    if (result?.decision) {
      onto.push({ key, decision: result.decision });
      onto.sort((one, other) => (one.key < other.key ? -1 : 1));
    }
    resolve(result && Boolean(result.decision));
  }

  #undoOrRedo(last, side, onto) {
    const changes = last.changes ? this.store.restore(last.changes, side) : [];
    const [of, decision] = [last.key, last.decision];
    const entry = { key: newKey(), article: this.article, here: this.here, kind: "undo", of, decision, quote: "" };
    this.#open(entry, changes);
    if (!last.changes) this.unknown = entry.key;
    onto.push({ key: entry.key, changes: last.changes });
    this.draw(changes);
    this.outbox.add(entry);
    return true;
  }

  // Take over the server's result {decision, spans, left_out, notices} of an entry. Null for another article.
  accepted(entry, result) {
    for (const known of [...this.done, ...this.undone]) {
      if (known.key === entry.key) known.decision = result.decision;
    }
    if (entry.article !== this.article) return null;
    const known = this.changes.has(entry.key);
    const relinks = this.changes.get(entry.key)?.some(({ before, after }) => !sameLink(before?.link, after?.link));
    const here = result.spans.filter((span) => span.article === this.article);
    if (this.unknown === entry.key) this.unknown = null;
    if (this.requests.has(entry.key)) this.#answerRequest(entry, result);
    this.#renameAll(entry, result, here);
    const changed = here.filter((span) => this.#takeOver(entry, span)).map(({ id }) => this.store.spans.get(id));
    for (const [id, key] of this.open) if (key === entry.key) this.open.delete(id);
    this.changes.delete(entry.key);
    if (changed.length) this.draw(changed.map((span) => ({ before: span, after: span })));
    const unseen = entry.kind === "undo" && result.decision && (!here.length || relinks);
    if (!known || result.left_out.length || result.notices.length || unseen) this.reload();
    return result;
  }

  // Give the spans that this page created the ids of the server.
  #renameAll(entry, result, here) {
    if (entry.kind === "link") this.#renameEntity(entry, result);
    else for (const [position, choice] of (entry.choices ?? []).entries()) this.#rename(choice, result.spans[position]);
    const changes = this.changes.get(entry.key) ?? [];
    if (entry.kind === "alike") {
      for (const { id } of changes) {
        if (id < 0)
          this.#rename(
            { local: id },
            here.find((span) => this.#sameTriple(span, this.store.spans.get(id))),
          );
      }
    }
    if (entry.kind === "undo") this.#renameRestored(changes, here);
  }

  // Give a new entity the id of the server.
  #renameEntity({ choices: [{ entity: from, new: made }] }, { entities }) {
    if (!made || !entities.length) return;
    const [{ id: to }] = entities;
    this.store.renameEntity(from, to);
    this.outbox.renameEntity(from, to);
    const side = (span) => (span?.link?.entity === from ? { ...span, link: { ...span.link, entity: to } } : span);
    const renamed = ({ id, before, after }) => ({ id, before: side(before), after: side(after) });
    for (const known of [...this.done, ...this.undone]) known.changes = known.changes?.map(renamed);
    for (const [key, changes] of this.changes) this.changes.set(key, changes.map(renamed));
  }

  #sameTriple(json, span) {
    const read = this.store.read(json);
    return span && read.start === span.start && read.end === span.end && read.label === span.label;
  }

  // A decision may have resulted in another span than the one it named. Undone, both exist again.
  #renameRestored(changes, here) {
    for (const { id, after } of changes) {
      const current = here.find((span) => this.#sameTriple(span, after));
      if (current && !changes.some((other) => other.id === current.id)) this.#rename({ local: id }, current);
    }
  }

  // Replace an id by the server's. If the page has that span already, it replaces the local one.
  #rename(choice, span) {
    const id = choice.local ?? choice.span;
    if (!span || id === undefined || [id, choice.leaves].includes(span.id)) return;
    const before = this.store.spans.get(id);
    if (this.store.spans.has(span.id)) this.store.drop(id);
    else this.store.rename(id, span.id);
    if (this.open.has(id)) this.open.set(span.id, this.open.get(id));
    this.open.delete(id);
    this.outbox.rename(id, span.id);
    for (const known of [...this.done, ...this.undone]) {
      known.changes = known.changes?.map((change) => renamed(change, id, span.id));
    }
    for (const [key, changes] of this.changes) {
      this.changes.set(
        key,
        changes.map((change) => renamed(change, id, span.id)),
      );
    }
    this.draw([{ id: span.id, was: id, before, after: this.store.spans.get(span.id) }]);
  }

  // Store a span of the server. True if it looks different from what is shown; a span with a newer decision on its way
  // takes over only the revision.
  #takeOver(entry, json) {
    const shown = this.store.spans.get(json.id);
    const read = this.store.read(json);
    if (this.open.get(json.id) !== entry.key && this.open.has(json.id)) {
      const link = shown?.link && { ...shown.link, revision: read.link?.revision ?? shown.link.revision };
      if (shown) this.store.keep({ ...shown, link, revision: read.revision });
      return false;
    }
    this.store.keep(read);
    if (!shown || !sameLink(shown.link, read.link)) return true;
    return ["start", "end", "label", "state"].some((name) => shown[name] !== read[name]);
  }

  refused(entry, problem, dropped) {
    const lost = dropped.map((key) => this.changes.get(key)).filter(Boolean);
    const restored = lost.reverse().flatMap((changes) => this.store.restore(changes, "before"));
    for (const key of dropped) this.changes.delete(key);
    if (dropped.includes(this.unknown)) this.unknown = null;
    for (const key of dropped) if (this.requests.has(key)) this.#answerRequest({ key }, undefined);
    for (const [id, key] of this.open) if (dropped.includes(key)) this.open.delete(id);
    const kept = ({ key }) => !dropped.includes(key);
    [this.done, this.undone] = [this.done.filter(kept), this.undone.filter(kept)];
    if (entry.article === this.article) {
      const current = problem.current?.id && entry.kind !== "link" ? this.store.read(problem.current) : null;
      if (current) this.store.keep(current);
      this.draw([...restored, ...(current ? [{ before: current, after: current }] : [])]);
      if (current && this.#agrees(entry, current)) return;
      // What the links are now is not part of the refusal.
      if (entry.kind === "link") this.reload();
    }
    this.conflict(entry, problem);
  }

  // Whether somebody else made the same decision, so that there is no conflict.
  #agrees({ kind, choices }, current) {
    if (kind !== "decide" || choices.length !== 1) return false;
    const [{ verb, label, start, end }] = choices;
    const { offsets } = this.store;
    if (verb === "move") return current.start === offsets.unit(start) && current.end === offsets.unit(end);
    if (verb === "confirm") return current.state === "c";
    if (verb === "reject") return current.state === "r";
    return verb === "relabel" && current.state === "c" && this.store.labels.get(current.label)?.name === label;
  }
}

function renamed(change, from, to) {
  if (change.id !== from) return change;
  const side = (span) => span && { ...span, id: to };
  return { id: to, before: side(change.before), after: side(change.after) };
}
