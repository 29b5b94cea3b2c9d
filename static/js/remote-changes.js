// What others and machines changed: counted and announced when the article's mark is another, taken in when asked for.

export class RemoteChanges {
  constructor(article, book, outbox, shown, announce) {
    Object.assign(this, { article, book, outbox, shown, announce });
    this.found = null;
    this.read = null;
  }

  async heard(mark, closed) {
    if (this.outbox.queue.length || this.outbox.running) return;
    if (mark.endsWith("-done") !== this.book.done) return closed();
    if (mark === this.book.mark()) {
      this.found = null;
      return this.announce(0);
    }
    if (mark !== this.read || !this.found) this.found = await this.#spans();
    if (!this.found) return undefined;
    this.read = mark;
    return this.announce(this.#changes().length);
  }

  async #spans() {
    try {
      const states = this.book.showRejected ? "?state=suggested,confirmed,rejected" : "";
      const response = await fetch(`/api/v1/articles/${this.article}/spans/${states}`, { cache: "no-store" });
      return response.ok ? (await response.json()).map((span) => this.book.read(span)) : null;
    } catch {
      return null;
    }
  }

  // What differs between the desk's spans and those of this page, in what is drawn or can be decided on.
  #changes() {
    const theirs = new Map(this.found.map((span) => [span.id, span]));
    const changes = [];
    for (const span of theirs.values()) {
      const mine = this.book.spans.get(span.id);
      if (!mine || mine.revision !== span.revision) changes.push({ id: span.id, before: mine ?? null, after: span });
    }
    for (const mine of this.book.spans.values()) {
      if (!theirs.has(mine.id) && (mine.state !== "r" || this.book.showRejected))
        changes.push({ id: mine.id, before: mine, after: null });
    }
    return changes;
  }

  // As asked for: what was decided here since it was announced comes first.
  async show() {
    await this.outbox.flush(true);
    if (!(await this.take()) && !this.outbox.queue.length) location.reload();
  }

  #show() {
    const changes = this.#changes();
    for (const { id, after } of changes) {
      if (after) this.book.keep(after);
      else this.book.drop(id);
    }
    this.found = null;
    this.shown(changes);
    return this.announce(0);
  }

  // Read all spans anew and show them at once: after what this page itself has asked for. What was decided while they
  // were read may not be among them. True where they are shown.
  async take() {
    const { added } = this.outbox;
    this.found = await this.#spans();
    if (!this.found || this.outbox.queue.length) return false;
    if (added !== this.outbox.added) return this.take();
    this.#show();
    return true;
  }
}
