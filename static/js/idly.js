// What can wait is done once the page is drawn and there is nothing else to do.
export function idly(work) {
  requestAnimationFrame(() => (globalThis.requestIdleCallback ?? setTimeout)(work));
}
