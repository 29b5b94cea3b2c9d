// Decisions on their way to the server: sent one after the other, and kept in this browser until the server has answered.
// Each has an idempotency key, and belongs to one person: it is sent only while that person is signed in.
import { token } from "./csrf.js";

const RETRY = 3000;
let counter = 0;

// Keys sort in the order of the decisions.
export function newKey() {
  counter += 1;
  const random = Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) =>
    byte.toString(36).padStart(2, "0"),
  ).join("");
  return `${Date.now().toString(36).padStart(9, "0")}-${String(counter).padStart(5, "0")}-${random}`;
}

export class Outbox {
  // `poll` asks for the state of the article; `listener` has accepted(entry, result), refused(entry, problem, dropped)
  // and state(name, waiting).
  constructor(user, poll, listener) {
    this.prefix = `desk:${user}:`;
    this.user = Number(user);
    this.poll = poll;
    this.listener = listener;
    this.stored = null;
    // Whether an entry could not be stored, so that only this page has it.
    this.volatile = false;
    this.verified = null;
    this.added = 0;
    this.idle = Promise.resolve();
    window.addEventListener("online", () => this.flush());
    window.addEventListener("pagehide", () => this.queue.length && this.flush(true));
    window.addEventListener("focus", () => this.queue.length && this.flush());
    window.addEventListener("beforeunload", (event) => this.volatile && this.queue.length && event.preventDefault());
  }

  // What waits to be sent, oldest first. Read once: browsers answer the first read of their storage slowly.
  get queue() {
    this.stored ??= this.#load();
    return this.stored;
  }

  #load() {
    const found = [];
    try {
      for (let at = 0; at < localStorage.length; at += 1) {
        const name = localStorage.key(at);
        if (name.startsWith(this.prefix)) found.push(JSON.parse(localStorage.getItem(name)));
      }
    } catch {
      // This browser stores nothing.
    }
    return found.sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  #save(entry) {
    try {
      localStorage.setItem(this.prefix + entry.key, JSON.stringify(entry));
    } catch {
      this.volatile = true;
    }
  }

  add(entry) {
    this.queue.push(entry);
    this.added += 1;
    this.#save(entry);
    this.flush();
  }

  // The newest entry, if it is held back and can still be changed.
  get held() {
    const last = this.queue.at(-1);
    return last?.until && last !== this.sending ? last : null;
  }

  amend(entry) {
    this.#save(entry);
    this.flush();
  }

  #remove(entry) {
    this.stored = this.queue.filter((other) => other !== entry);
    try {
      localStorage.removeItem(this.prefix + entry.key);
    } catch {
      // This browser stores nothing.
    }
  }

  // With `now`, an entry that is held back is sent too.
  flush(now = false) {
    this.urgent = now || this.urgent;
    if (this.running) return this.idle;
    this.running = true;
    clearTimeout(this.timer);
    this.idle = this.#run().finally(() => {
      this.running = this.urgent = false;
    });
    return this.idle;
  }

  async #run() {
    while (this.queue.length) {
      this.listener.state("saving", this.queue.length);
      const [first] = this.queue;
      const wait = (first.until ?? 0) - Date.now();
      if (wait > 0 && this.queue.length === 1 && !this.urgent) {
        this.timer = setTimeout(() => this.flush(), wait);
        return;
      }
      this.sending = first;
      const obstacle = await this.#send(first);
      this.sending = null;
      if (obstacle) {
        this.listener.state(obstacle, this.queue.length);
        this.timer = setTimeout(() => this.flush(), RETRY);
        return;
      }
    }
    this.listener.state("saved", 0);
  }

  // Check that the person who decided is signed in, once for each session. Null if so, otherwise the obstacle.
  async #verify() {
    const seen = token();
    if (seen && seen === this.verified) return null;
    const found = await this.poll();
    if (found.status === 401) return "signed-out";
    if (!found.user) return "offline";
    if (found.user !== this.user) return "somebody-else";
    this.verified = token();
    return null;
  }

  // Look up the decision that an undo or redo is about, where only the server knows it. Null or the obstacle.
  async #find(entry) {
    const response = await fetch(`${entry.here}pulse/?strokes`, { cache: "no-store", redirect: "error" });
    if (response.status === 401) return "signed-out";
    if (!response.ok && response.status !== 404) return "offline";
    entry.decision = (await response.json())[entry.earlier] ?? null;
    this.#save(entry);
    return null;
  }

  // There is no decision to undo or redo.
  #skip(entry) {
    this.#remove(entry);
    this.#accept(entry, { decision: null, spans: [], left_out: [], notices: [] });
    return null;
  }

  // Null if the entry is done, otherwise the obstacle.
  async #send(entry) {
    let response;
    try {
      const obstacle = (await this.#verify()) ?? (entry.earlier && !entry.decision && (await this.#find(entry)));
      if (obstacle) return obstacle;
      if (entry.earlier && !entry.decision) return this.#skip(entry);
      const [path, body] = requestFor(entry);
      const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
      response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), redirect: "error" });
    } catch {
      return "offline";
    }
    if (response.status === 401) {
      this.verified = null;
      return "signed-out";
    }
    if (response.status >= 500 || response.status === 429) return "offline";
    const found = await response.json().catch(() => null);
    if (!found) return "offline";
    if (response.status === 403 && !entry.again) {
      // The poll renews an expired CSRF token.
      this.verified = null;
      entry.again = true;
      return this.#send(entry);
    }
    this.#remove(entry);
    if (response.ok) this.#accept(entry, { spans: [], entities: [], left_out: [], notices: [], ...found });
    else this.#refuse(entry, found);
    return null;
  }

  // The listener first replaces local ids by those of the server, which later entries then use.
  #accept(entry, result) {
    this.listener.accepted(entry, result);
    for (const later of this.queue) {
      const patched = update(later, entry, result);
      if (patched) this.#save(later);
    }
  }

  // The server has given a local span an id: use it in later entries.
  rename(from, to) {
    for (const later of this.queue) {
      let patched = false;
      for (const choice of later.choices ?? []) {
        if (choice.span !== from) continue;
        choice.span = to;
        patched = true;
      }
      if (patched) this.#save(later);
    }
  }

  // The same for a new entity.
  renameEntity(from, to) {
    for (const later of this.queue) {
      const choices = (later.choices ?? []).filter(({ entity }) => entity === from);
      for (const choice of choices) {
        choice.entity = to;
        delete choice.new;
      }
      if (choices.length) this.#save(later);
    }
  }

  // Entries that depend on a refused one are dropped with it.
  #refuse(entry, problem) {
    const dropped = [entry.key];
    for (const later of this.queue) {
      if (dropped.includes(later.of) || later.choices?.some((choice) => dropped.includes(choice.after)))
        dropped.push(later.key);
    }
    for (const later of this.queue.filter((one) => dropped.includes(one.key))) this.#remove(later);
    this.listener.refused(entry, problem, dropped);
  }
}

// [path, body] of an entry.
function requestFor(entry) {
  if (entry.kind === "undo") return [`/api/v1/decisions/${entry.decision}/undo/`, { idempotency_key: entry.key }];
  if (entry.kind === "link") {
    const links = entry.choices.map(({ verb, span, entity, new: made, link }) => ({
      verb,
      span,
      ...(made ? { new: made } : { entity }),
      ...(link === undefined ? {} : { revision: link }),
    }));
    return [`/api/v1/corpora/${entry.corpus}/links/`, { idempotency_key: entry.key, links }];
  }
  const choices = entry.choices.map(({ after, local, leaves, ...choice }) => choice);
  const path = `/api/v1/articles/${entry.article}/${entry.kind === "alike" ? "alike" : "decisions"}/`;
  if (entry.kind === "alike") return [path, { idempotency_key: entry.key, choice: choices[0], matches: entry.matches }];
  return [path, { idempotency_key: entry.key, decisions: choices }];
}

// Update a later entry with the result of an earlier one: revisions, ids of new spans, the id of the decision. Returns
// whether it changed. A span that the result does not list is unchanged, and so is its revision.
function update(later, entry, result) {
  let patched = false;
  if (later.of === entry.key && !later.decision) {
    later.decision = result.decision;
    patched = true;
  }
  for (const choice of later.choices ?? []) {
    if (!choice.after) continue;
    const waited = choice.after === entry.key;
    const at =
      waited && entry.kind !== "link"
        ? (entry.choices ?? []).findIndex(({ local, span, leaves }) => !leaves && (local ?? span) === choice.span)
        : -1;
    const span = result.spans.find(({ id }) => id === choice.span) ?? result.spans[at];
    if (span) Object.assign(choice, { span: span.id, revision: span.revision });
    if (span?.entity && later.kind === "link") choice.link = span.entity.revision;
    if (waited) choice.after = null;
    patched = patched || waited || Boolean(span);
  }
  return patched;
}
