// Transfer: drag a tile with the mouse onto a free bed, or press M on it and choose one with the arrow keys.
// Either way the sheet then asks for the reason; nothing is saved before.
import { fits, isShown, mayMove, nextTile, tilesOf } from "./board-tiles.js";

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
const FAR = 6; // px before a press becomes a drag

export function setUpMoves(board, { open, say }) {
  const mayAct = "acts" in board.dataset;
  let from = null; // whose bed is being chosen for
  let press = null; // a press that may become a drag
  let justDropped = false;

  // ---- one tile is in the tab order; arrow keys go on from it
  const rove = (to = null) => {
    const tiles = tilesOf(board);
    const current = to ?? tiles.find((tile) => tile === document.activeElement) ?? tiles.find((tile) => tile.tabIndex === 0 && isShown(tile))
      ?? tiles.find(isShown);
    for (const tile of tiles) tile.tabIndex = tile === current ? 0 : -1;
    if (to) to.focus();
  };

  // ---- choosing a bed
  const targets = () => tilesOf(board).filter((tile) => isShown(tile) && fits(from, tile));
  const begin = (tile) => {
    from = tile;
    board.classList.add("is-picking");
    tile.classList.add("is-moving");
    for (const each of targets()) each.classList.add("is-target");
  };
  const stop = () => {
    for (const each of board.querySelectorAll(".is-moving, .is-target, .is-over")) each.classList.remove("is-moving", "is-target", "is-over");
    board.classList.remove("is-picking");
    from = null;
  };
  const choose = (tile) => {
    const bed = from.dataset.bed;
    stop();
    open(bed, tile.dataset.bed);
  };
  const pick = (tile) => {
    if (!tile || !mayAct || !mayMove(tile)) return say(board.dataset.sayNot);
    begin(tile);
    const free = targets();
    if (!free.length) {
      stop();
      return say(board.dataset.sayNone);
    }
    say(board.dataset.sayPick);
    return rove(free[0]);
  };
  // a click while choosing: on a free bed it is the answer, elsewhere the end of it
  const handles = (tile) => {
    if (justDropped) return true;
    if (!from) return false;
    if (tile.classList.contains("is-target")) choose(tile);
    else stop();
    return true;
  };

  board.addEventListener("keydown", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile || event.ctrlKey || event.metaKey || event.altKey) return;
    if (ARROWS.includes(event.key)) {
      event.preventDefault();
      const pool = from ? targets() : tilesOf(board).filter(isShown);
      rove(nextTile(pool, tile, event.key));
    } else if (from && event.key === "Enter") {
      event.preventDefault();
      if (tile.classList.contains("is-target")) choose(tile);
    } else if (from && event.key === "Escape") {
      event.preventDefault();
      const back = from;
      stop();
      rove(back);
      say(board.dataset.sayStop);
    } else if (!from && event.key.toLowerCase() === "m") {
      event.preventDefault();
      pick(tile);
    }
  });

  // ---- dragging, with a mouse alone: on a touch screen the same gesture scrolls
  board.addEventListener("pointerdown", (event) => {
    const tile = event.target.closest(".tile");
    if (tile && mayAct && event.pointerType === "mouse" && event.button === 0 && !from && mayMove(tile)) {
      press = { tile, x: event.clientX, y: event.clientY, ghost: null };
    }
  });
  document.addEventListener("pointermove", (event) => {
    if (!press) return;
    if (!press.ghost) {
      if (Math.hypot(event.clientX - press.x, event.clientY - press.y) < FAR) return;
      begin(press.tile);
      say(board.dataset.sayDrop);
      press.ghost = press.tile.cloneNode(true);
      press.ghost.removeAttribute("id");
      press.ghost.classList.add("tile-ghost");
      press.ghost.setAttribute("aria-hidden", "true");
      press.ghost.style.width = `${press.tile.offsetWidth}px`;
      document.body.append(press.ghost);
    }
    press.ghost.style.transform = `translate(${event.clientX + 8}px, ${event.clientY + 8}px)`;
    const over = under(event);
    for (const each of board.querySelectorAll(".is-over")) if (each !== over) each.classList.remove("is-over");
    over?.classList.add("is-over");
    const edge = event.clientY < 90 ? -16 : event.clientY > innerHeight - 60 ? 16 : 0;
    if (edge) scrollBy(0, edge);
  });
  const under = (event) => {
    const tile = document.elementFromPoint(event.clientX, event.clientY)?.closest(".tile");
    return tile?.classList.contains("is-target") ? tile : null;
  };
  document.addEventListener("pointerup", (event) => {
    const was = press;
    press = null;
    if (!was?.ghost) return;
    was.ghost.remove();
    justDropped = true; // the click that follows is the end of the drag, not a tap
    setTimeout(() => (justDropped = false));
    const tile = under(event);
    if (tile) choose(tile);
    else stop();
  });
  const giveUp = () => {
    press?.ghost?.remove();
    if (press?.ghost) stop();
    press = null;
  };
  document.addEventListener("pointercancel", giveUp);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && press?.ghost) {
      event.preventDefault();
      giveUp();
    }
  }, true);
  board.addEventListener("dragstart", (event) => event.preventDefault());

  rove();
  return { handles, pick, rove };
}
