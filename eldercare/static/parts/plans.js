// The calendar of inspections: a visit dragged to another working day opens the page that moves it, with that day filled in.
// Whoever does not drag opens the same page by the link on the visit.
export function setUpPlans() {
  const board = document.querySelector("[data-plan]");
  if (!board) return;
  let moved = null;
  const over = (cell) => board.querySelectorAll(".is-over").forEach((each) => each !== cell && each.classList.remove("is-over"));
  board.addEventListener("dragstart", (event) => {
    const entry = event.target.closest("[data-move]");
    if (!entry) return;
    moved = entry.dataset.move;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", entry.textContent.trim());
  });
  board.addEventListener("dragover", (event) => {
    const cell = event.target.closest("[data-day]");
    over(cell);
    if (!moved || !cell) return;
    event.preventDefault();
    cell.classList.add("is-over");
  });
  board.addEventListener("drop", (event) => {
    const cell = event.target.closest("[data-day]");
    if (!moved || !cell) return;
    event.preventDefault();
    location.assign(`${moved}?day=${cell.dataset.day}`);
  });
  board.addEventListener("dragend", () => {
    moved = null;
    over(null);
  });
}
