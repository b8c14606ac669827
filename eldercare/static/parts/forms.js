// Forms: the summary of errors gets the focus, an act is sent once, files may be dropped.

export function setUpForms() {
  document.querySelector("[data-errors]")?.focus();

  // A link in the summary leads to the control itself, its label in sight.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-errors] a[href^='#']");
    const control = link && document.getElementById(link.hash.slice(1));
    if (!control) return;
    event.preventDefault();
    (control.closest(".field") ?? control).scrollIntoView({ block: "center" });
    control.focus({ preventScroll: true });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-once")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    const isDownload = form.classList.contains("list-export");
    for (const button of form.querySelectorAll("button[type=submit]")) button.classList.add("is-busy");
    setTimeout(() => release(form), isDownload ? 3000 : 15000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach(release));

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });

  // Choosing is asking.
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-send]")) event.target.form.requestSubmit();
  });

  // A file that is too large is told at once, before it is sent.
  document.addEventListener("change", (event) => {
    const zone = event.target.type === "file" && event.target.closest("[data-most-mb]");
    if (!zone) return;
    zone.querySelector(".field-error")?.remove();
    if (![...event.target.files].some((file) => file.size > zone.dataset.mostMb * 1e6)) return;
    event.target.value = "";
    const words = document.createElement("p");
    words.className = "field-error";
    words.setAttribute("role", "alert");
    words.textContent = zone.dataset.tooLarge;
    zone.append(words);
  });

  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const zone = event.target.closest?.("[data-drop]");
      if (!zone) return;
      event.preventDefault();
      zone.classList.toggle("is-over", kind === "dragover");
      const input = zone.querySelector("input[type=file]");
      if (kind === "drop" && input && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }
}

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll(".is-busy")) button.classList.remove("is-busy");
}
