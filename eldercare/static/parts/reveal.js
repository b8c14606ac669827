// A revealed number goes back to its masked form after its time, and when the page is left.

export function setUpReveal() {
  document.body.addEventListener("htmx:load", (event) => {
    const box = event.target.closest?.("[data-hide-after]") ?? event.target.querySelector?.("[data-hide-after]");
    if (box) hideLater(box);
  });
  document.querySelectorAll("[data-hide-after]").forEach(hideLater);
  addEventListener("pagehide", () => document.querySelectorAll("[data-hide-after]").forEach(hide));
}

function hideLater(box) {
  if (box.dataset.timed) return;
  box.dataset.timed = "1";
  setTimeout(() => hide(box), Number(box.dataset.hideAfter) * 1000);
}

function hide(box) {
  const text = document.createElement("span");
  text.className = "masked-text";
  text.textContent = box.dataset.shown;
  box.classList.remove("is-shown");
  box.removeAttribute("data-hide-after");
  box.replaceChildren(text);
}
