// Menus are details elements: Escape and a click elsewhere close them.

const open = () => document.querySelector("details.menu[open]");

export function startMenus() {
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
