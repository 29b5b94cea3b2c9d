// Helpers for the DOM.

// A new element. A value is set as a property where the element has it, otherwise as an attribute.
export function createElement(tag, values = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Run `work` with the next frame. A page in the background has none until somebody looks at it, and goes on without.
function atFrame(work) {
  if (document.hidden) setTimeout(work);
  else requestAnimationFrame(work);
}

// Run `work` once the next frame is drawn.
export function afterFrame(work) {
  atFrame(() => setTimeout(work));
}

// Run `work` when the page is drawn and the browser has time.
export function whenIdle(work) {
  atFrame(() => (globalThis.requestIdleCallback ?? setTimeout)(work));
}

// Scroll an element or a range into view. If it is visible already, nothing moves.
export function reveal(place) {
  const narrow = window.innerWidth <= 800;
  const box = place.getBoundingClientRect();
  const [top, bottom] = narrow ? [96, window.innerHeight * 0.42] : [64, window.innerHeight - 96];
  if (box.top >= top && box.bottom <= bottom) return;
  const target = narrow ? 140 : window.innerHeight * 0.38;
  window.scrollBy(0, box.top - target);
}
