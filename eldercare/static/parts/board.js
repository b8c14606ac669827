// The bed board: tap a bed for its sheet, filter, drag or pick a bed to transfer, follow what colleagues change.
import { setUpFilters } from "./board-filters.js";
import { setUpMoves } from "./board-moves.js";
import { setUpPolling } from "./board-polling.js";
import { tilesOf } from "./board-tiles.js";

export function setUpBoard(htmx) {
  const board = document.getElementById("board");
  if (!board) return;
  const sheet = document.getElementById("sheet");
  const say = (text) => (document.getElementById("board-say").textContent = text);

  const open = (bed, to) => {
    const asked = new URLSearchParams({ ...(to && { to }), ...(board.dataset.day && { day: board.dataset.day }) });
    const url = `${board.dataset.board}sheet/${bed}${asked.size ? `?${asked}` : ""}`;
    return htmx.ajax("GET", url, { target: "#sheet", swap: "innerHTML" });
  };
  const close = () => {
    if (sheet.hidden) return;
    const bed = sheet.querySelector("[data-bed]")?.dataset.bed;
    sheet.hidden = true;
    sheet.replaceChildren();
    mark(null);
    document.getElementById(`bed-${bed}`)?.focus();
  };
  const mark = (bed) => tilesOf(board).forEach((tile) => tile.classList.toggle("is-shown", tile.dataset.bed === bed));

  const filters = setUpFilters(board);
  const moves = setUpMoves(board, { open, say });
  setUpPolling(board, { say, swapped: () => { filters.apply(); moves.rove(); mark(shown()); renew(); } });
  const shown = () => (sheet.hidden ? null : sheet.querySelector("[data-bed]")?.dataset.bed ?? null);

  // an open sheet follows what a colleague changed, unless somebody is in the middle of an act on it
  let isRenewing = false;
  const isInAct = (act) => act.dataset.act !== "come-back" || act.contains(document.activeElement);
  const renew = () => {
    if (sheet.hidden || [...sheet.querySelectorAll("[data-act][open], details[data-menu][open]")].some(isInAct)) return;
    isRenewing = true;
    open(shown()).finally(() => (isRenewing = false));
  };

  board.addEventListener("click", (event) => {
    const tile = event.target.closest(".tile");
    if (tile && !moves.handles(tile)) open(tile.dataset.bed);
  });
  sheet.addEventListener("click", (event) => {
    if (event.target.closest("[data-sheet-close]")) close();
    if (event.target.closest("[data-pick-bed]")) {
      const bed = shown();
      close(); // it would lie over the beds to choose from
      moves.pick(document.getElementById(`bed-${bed}`));
    }
  });
  // one act at a time (details that share a name would close the one that comes back with its errors)
  sheet.addEventListener("toggle", ({ target }) => {
    if (!target.open || !target.matches("[data-act]")) return;
    for (const other of sheet.querySelectorAll("[data-act][open]")) if (other !== target) other.open = false;
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("details[data-menu][open]")) return;
    if (sheet.contains(document.activeElement) || document.activeElement === document.body || board.contains(document.activeElement)) close();
  });
  document.querySelector("[data-board-print]")?.addEventListener("click", () => print());

  // a sheet that came is shown, its heading (or what is wrong) read first
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== sheet) return;
    sheet.hidden = false;
    mark(shown());
    if (isRenewing && document.activeElement !== document.body) return; // nobody's focus is taken away
    (sheet.querySelector("[data-errors]") ?? sheet.querySelector("[data-act=come-back] button[type=submit]") ?? sheet.querySelector("details[open] :is(select, input:not([type=hidden]))") ?? sheet.querySelector("#sheet-title"))?.focus();
  });
  document.body.addEventListener("htmx:oobAfterSwap", () => { filters.apply(); moves.rove(); });
}
