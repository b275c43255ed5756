// On a phone the pages of an area are one line that is swiped: the page one is on is in sight.

export function startSubNav() {
  const nav = document.querySelector(".sub-nav");
  const here = nav?.querySelector("[aria-current]");
  if (!(nav instanceof HTMLElement) || !(here instanceof HTMLElement)) return;
  const [line, link] = [nav.getBoundingClientRect(), here.getBoundingClientRect()];
  nav.scrollLeft += link.left - line.left - (line.width - link.width) / 2;
}
