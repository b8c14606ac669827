// What a tile of the bed board tells of its bed.
export const tilesOf = (board) => [...board.querySelectorAll(".tile")];
export const isShown = (tile) => !tile.closest("[hidden]");
export const SLEPT_IN = ["taken", "trial", "on_leave", "hospitalised"];
export const roomOf = (tile) => tile.closest(".board-room");

// Whether somebody may be transferred from one bed to another: the server judges again.
export const mayMove = (tile) => ["taken", "trial"].includes(tile.dataset.state);
export const fits = (from, to) =>
  to !== from && to.dataset.state === "free" && ["any", from.dataset.sex].includes(roomOf(to).dataset.for);

const middle = (tile) => {
  const box = tile.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
};

// The next tile in the direction of an arrow key: left and right in the order of the house, up and down by what lies nearest.
export function nextTile(tiles, here, key) {
  const at = tiles.indexOf(here);
  if (key === "ArrowRight") return tiles[Math.min(at + 1, tiles.length - 1)];
  if (key === "ArrowLeft") return tiles[Math.max(at - 1, 0)];
  if (key === "Home") return tiles[0];
  if (key === "End") return tiles.at(-1);
  const [x, y] = middle(here);
  const sign = key === "ArrowDown" ? 1 : -1;
  let best = here;
  let least = Infinity;
  for (const tile of tiles) {
    const [a, b] = middle(tile);
    const down = (b - y) * sign;
    if (down < 8) continue;
    const far = down * 2 + Math.abs(a - x);
    if (far < least) [best, least] = [tile, far];
  }
  return best;
}
