// Counts, floors and watch-lists filter the board at once; the address says the same, so that it can be sent and printed.
import { SLEPT_IN, roomOf, tilesOf } from "./board-tiles.js";

const TESTS = {
  state: (tile, value) => tile.dataset.state === value || (value === "slept_in" && SLEPT_IN.includes(tile.dataset.state))
    || (value === "away" && ["on_leave", "hospitalised"].includes(tile.dataset.state)),
  floor: (tile, value) => tile.closest(".board-floor").dataset.floor === value,
  watch: (tile, value) => (tile.dataset.watch ?? "").split(" ").includes(value) || (value === "any" && tile.dataset.watch),
  kind: (tile, value) => tile.dataset.kind === value,
  for: (tile, value) => roomOf(tile).dataset.for === value,
  price: (tile, value) => tile.dataset.price === value,
};

export function setUpFilters(board) {
  const asked = JSON.parse(board.dataset.asked);

  const apply = () => {
    const tests = Object.entries(asked);
    let left = 0;
    for (const tile of tilesOf(board)) {
      const passes = tests.every(([name, value]) => TESTS[name](tile, value));
      tile.parentElement.hidden = !passes;
      left += passes;
    }
    for (const box of board.querySelectorAll(".board-room, .board-floor")) {
      box.hidden = !box.querySelector(".board-beds > span:not([hidden])");
    }
    document.getElementById("board-none").hidden = left > 0;
    for (const knob of document.querySelectorAll("[data-filter]")) {
      const isOn = (asked[knob.dataset.filter] ?? "") === knob.dataset.value;
      if (knob.tagName === "BUTTON") knob.setAttribute("aria-pressed", String(isOn));
      else if (isOn) knob.setAttribute("aria-current", "true");
      else knob.removeAttribute("aria-current");
    }
  };

  document.addEventListener("click", (event) => {
    const knob = event.target.closest("[data-filter], [data-filter-clear]");
    if (!knob || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { filter, value } = knob.dataset;
    if (!filter) for (const name of Object.keys(asked)) delete asked[name];
    else if (value && asked[filter] !== value) asked[filter] = value;
    else delete asked[filter];
    const url = new URL(location.href);
    for (const name of Object.keys(TESTS)) url.searchParams.delete(name);
    for (const [name, chosen] of Object.entries(asked)) url.searchParams.set(name, chosen);
    history.replaceState(null, "", url);
    apply();
  });

  return { apply };
}
