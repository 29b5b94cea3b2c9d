// Which doubtful suggestions an editor has had before the eyes: they were selected, or on the screen.

export class SeenSpans {
  constructor(store, renderer) {
    Object.assign(this, { store, renderer });
    this.seen = new Set();
    this.elements = new WeakMap();
    this.observer = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) this.#see(target);
    });
  }

  #see(element) {
    this.observer.unobserve(element);
    this.seen.add(this.elements.get(element));
  }

  add(id) {
    this.seen.add(id);
  }

  // Watch the elements of all that nobody has seen, again after they were drawn anew.
  watch() {
    for (const span of this.#unseen()) {
      const element = this.renderer.link(span.id);
      if (!element || this.elements.get(element) === span.id) continue;
      this.elements.set(element, span.id);
      this.observer.observe(element);
    }
  }

  #unseen() {
    return this.store.waiting().filter((span) => this.store.isDoubtful(span) && !this.seen.has(span.id));
  }

  // The doubtful suggestions that were never seen, looking once more at what is on the screen now.
  unseen() {
    for (const { id } of this.#unseen()) {
      const box = this.renderer.link(id)?.getBoundingClientRect();
      if (box?.height && box.bottom > 0 && box.top < window.innerHeight) this.seen.add(id);
    }
    return this.#unseen();
  }

  stop() {
    this.observer.disconnect();
  }
}
