// Menus are <details>; here they close like menus do. The main menu slides in on narrow screens.

export function setUpMenus() {
  const open = () => document.querySelectorAll("details[data-menu][open]");

  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLDetailsElement) || !menu.open || !menu.hasAttribute("data-menu")) return;
    for (const other of open()) if (other !== menu && !other.contains(menu)) other.open = false;
    keepInSight(menu);
    if (menu.classList.contains("reveal")) menu.querySelector("input[name=reason]")?.focus();
  }, true);

  // one of a group at a time (a shared name would close the one that comes back with its errors)
  document.addEventListener("toggle", ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || !target.open || !target.dataset.oneOf) return;
    for (const other of document.querySelectorAll(`details[open][data-one-of="${target.dataset.oneOf}"]`)) if (other !== target) other.open = false;
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = [...open()].pop();
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (document.body.classList.contains("nav-open")) setNav(false);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-nav-open]")) setNav(true);
    else if (event.target.closest("[data-nav-close]")) setNav(false);
  });

  document.querySelector("[data-nav] [aria-current]")?.scrollIntoView({ block: "nearest" });
}

function setNav(isOpen) {
  const button = document.querySelector("[data-nav-open]");
  document.body.classList.toggle("nav-open", isOpen);
  button?.setAttribute("aria-expanded", String(isOpen));
  const side = document.querySelector("[data-nav]");
  document.querySelector(".frame-main")?.toggleAttribute("inert", isOpen);
  if (isOpen) requestAnimationFrame(() => side.querySelector("[data-nav-close]").focus());
  else button?.focus();
}

// A sheet that would leave the window on the right hangs from its right edge instead.
function keepInSight(menu) {
  const sheet = menu.querySelector(":scope > .menu-sheet");
  if (!sheet) return;
  sheet.style.left = sheet.style.right = "";
  if (sheet.getBoundingClientRect().right > document.documentElement.clientWidth - 8) {
    sheet.style.left = "auto";
    sheet.style.right = "0";
  }
}
