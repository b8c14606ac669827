// A long text that was sent after the sign-in had ended is not lost: this tab keeps it until the form is open again,
// for the same person alone. What was taken is forgotten with the next page.
const KEY = "kept-form";

export function setUpKept() {
  const kept = read();
  const lost = document.querySelector("[data-form-lost]");
  const form = document.querySelector("form[data-kept]");
  if (kept && lost) {
    lost.querySelector("a").href = kept.path;
    lost.hidden = false;
    write({ ...kept, isLost: true });
  } else if (kept?.isLost && form?.dataset.kept === kept.person && location.pathname === kept.path) {
    if (!document.querySelector("[data-errors]")) restore(form, kept.values);
  } else if (!location.pathname.startsWith("/sign-in")) {
    sessionStorage.removeItem(KEY);
  }
  form?.addEventListener("submit", () => {
    const values = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
    write({ path: location.pathname, person: form.dataset.kept, values, isLost: false });
  });
}

function restore(form, values) {
  for (const [name, value] of values) {
    const field = form.elements.namedItem(name);
    if (field && "value" in field) field.value = value;
  }
  const said = document.createElement("p");
  said.className = "message message-watch";
  said.setAttribute("role", "status");
  said.textContent = form.dataset.restored;
  form.prepend(said);
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function write(kept) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch { /* a browser that keeps nothing: as before */ }
}
