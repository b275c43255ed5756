// A form was sent and the page came anew: the keys go on at what it says, so that a screen reader says it too.

const SAYS = "main.sheet .done[role=status], main.sheet .problem[role=alert]";

export function startTold() {
  const [visit] = performance.getEntriesByType("navigation");
  const came = visit instanceof PerformanceNavigationTiming && visit.type === "navigate";
  const told = document.querySelector(SAYS);
  if (!came || !(told instanceof HTMLElement) || document.activeElement !== document.body) return;
  told.tabIndex = -1;
  told.focus({ preventScroll: Boolean(location.hash) });
}
