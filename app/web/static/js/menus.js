// Menus are details elements: Escape and a click elsewhere close them. A row of pages shows the one that one is on.

const open = () => document.querySelector("details.menu[open]");

/** In a row that is wider than the screen. */
function showCurrent() {
  for (const link of document.querySelectorAll(".sub-nav a[aria-current]")) {
    const row = link.parentElement;
    if (!(link instanceof HTMLElement) || !row || row.scrollWidth <= row.clientWidth) continue;
    row.scrollLeft = link.offsetLeft - row.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
  }
}

export function startMenus() {
  showCurrent();
  document.addEventListener("keydown", (event) => {
    const menu = open();
    if (event.key !== "Escape" || !(menu instanceof HTMLDetailsElement)) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  document.addEventListener("click", (event) => {
    const menu = open();
    if (menu instanceof HTMLDetailsElement && event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
}
