// htmx: the CSRF token on every request, short addresses, and what to do when an answer goes wrong.

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

// A reload would cancel the page someone has just asked for, so none begins while one is on its way.
// A download asks too and leaves the page where it is: after a while the page counts as staying.
let isLeaving = false;
addEventListener("beforeunload", () => {
  isLeaving = true;
  setTimeout(() => { isLeaving = false; }, 8000);
});
const renew = () => {
  if (!isLeaving) location.reload();
};

// A whole identity or telephone number must not stand in an address (and so in logs and histories).
const isPrivate = (text) => /\d{11}|\d{6}/.test(text) && text.replace(/\D/g, "").length >= 11;

export function setUpRequests(htmx) {
  const body = document.body;

  body.addEventListener("htmx:configRequest", (event) => {
    const { detail } = event;
    if (detail.verb !== "get") detail.headers["X-CSRFToken"] = token();
    const form = event.target.closest?.("form[data-filters]");
    if (!form) return;
    const search = form.querySelector("[data-private]");
    if (search && isPrivate(search.value)) {
      event.preventDefault();
      sendPrivately(form, search);
      return;
    }
    for (const [name, value] of [...detail.formData.entries()]) {
      const field = form.elements.namedItem(name);
      if (value === "" && !(field instanceof Element && field.hasAttribute("data-keep"))) detail.formData.delete(name);
    }
  });

  // The session ended while the page was open: go and sign in instead of swapping that page into this one.
  body.addEventListener("htmx:beforeSwap", (event) => {
    const answered = event.detail.xhr.responseURL;
    if (answered && new URL(answered).pathname === "/sign-in" && location.pathname !== "/sign-in") {
      event.detail.shouldSwap = false;
      if (!isLeaving) location.assign(location.href);
    }
  });

  body.addEventListener("htmx:responseError", (event) => notice(message(event.detail.xhr)));
  body.addEventListener("htmx:sendError", () => isLeaving || notice(document.getElementById("notices")?.dataset.offline ?? ""));

  // A finished piece of work brings its page up to date.
  body.addEventListener("htmx:load", (event) => {
    if (event.target.matches?.("[data-reload]")) renew();
  });

  // So does one whose answer no longer holds it: the page has gone on to its next step.
  body.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = event.detail;
    if (!target?.matches?.(".run") || xhr.responseText.includes(`id="${target.id}"`)) return;
    event.detail.shouldSwap = false;
    renew();
  });

  document.addEventListener("submit", (event) => {
    const search = event.target.querySelector?.("[data-private]");
    if (search && isPrivate(search.value)) {
      event.preventDefault();
      sendPrivately(event.target, search);
    }
  }, true);

  return htmx;
}

function sendPrivately(filters, search) {
  if (filters.dataset.sent) return;
  filters.dataset.sent = "1";
  const form = document.createElement("form");
  form.method = "post";
  form.action = search.dataset.private;
  for (const [name, value] of [[search.name, search.value], ["csrf_token", token()]]) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

function message(xhr) {
  const page = new DOMParser().parseFromString(xhr.responseText ?? "", "text/html");
  return page.querySelector(".trouble-why")?.textContent.trim() || page.querySelector("h1")?.textContent.trim()
    || `${xhr.status} ${xhr.statusText}`;
}

export function notice(text) {
  const place = document.getElementById("notices");
  if (!place || !text) return;
  const box = document.createElement("div");
  box.className = "message message-bad";
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  place.replaceChildren(box);
  setTimeout(() => box.remove(), 12000);
}
