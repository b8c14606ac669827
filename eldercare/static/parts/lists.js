// A table that fits keeps its sticky head; only one that does not may scroll sideways (which would unstick it).

export function setUpLists() {
  const judge = (frame) => {
    frame.classList.remove("fits");
    frame.classList.toggle("fits", frame.scrollWidth <= frame.clientWidth);
  };
  const all = (root) => root.querySelectorAll(".list-frame").forEach(judge);
  all(document);
  document.body.addEventListener("htmx:load", (event) => all(event.target.parentElement ?? document));
  addEventListener("resize", () => all(document));
}
