// Small helpers of the page: an element with what it holds, and work that can wait until the page is drawn.
export function createElement(tag, values = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function whenIdle(work) {
  requestAnimationFrame(() => (globalThis.requestIdleCallback ?? setTimeout)(work));
}
