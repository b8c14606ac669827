// Every few seconds one small question: anything new since? Only tiles that differ are swapped; a sheet is left alone.
import { tilesOf } from "./board-tiles.js";

const EVERY = 4000;
const SLOWEST = 60000;

export function setUpPolling(board, { say, swapped }) {
  if (!("live" in board.dataset)) return;
  let wait = EVERY;
  let timer = 0;
  let isAsking = false;

  const ask = async () => {
    clearTimeout(timer);
    if (document.hidden || isAsking) return;
    isAsking = true;
    try {
      const url = `${board.dataset.board}changes?since=${board.dataset.version}`;
      const answer = await fetch(url, { headers: { "X-Poll": "1" }, redirect: "error" });
      wait = answer.ok ? EVERY : Math.min(wait * 2, SLOWEST);
      if (answer.status === 200) show(await answer.text(), answer.headers.get("X-Version"));
    } catch {
      wait = Math.min(wait * 2, SLOWEST); // signed out or no network: the next act says so
    }
    isAsking = false;
    timer = setTimeout(ask, wait);
  };

  const show = (text, version) => {
    if (board.classList.contains("is-picking")) return; // somebody is choosing a bed: the next round tells the same
    const news = new DOMParser().parseFromString(text, "text/html");
    let changed = 0;
    const tiles = [...news.querySelectorAll(".tile")];
    for (const tile of tiles) {
      const old = document.getElementById(tile.id);
      if (!old || same(old, tile)) continue;
      const hadFocus = old === document.activeElement;
      const now = document.adoptNode(tile);
      now.classList.add("is-news");
      old.replaceWith(now);
      if (hadFocus) now.focus();
      changed += 1;
    }
    const moved = tiles.length !== tilesOf(board).length || tiles.some((tile) => !document.getElementById(tile.id));
    if (moved) document.getElementById("board-news").hidden = false;
    const tally = news.getElementById("board-tally");
    if (tally) document.getElementById("board-tally").replaceWith(document.adoptNode(tally));
    board.dataset.version = version;
    swapped();
    if (changed) say(board.dataset.sayNew.replace("{n}", changed));
  };
  const same = (old, tile) => old.innerHTML === tile.innerHTML
    && ["state", "kind", "price", "sex", "watch"].every((name) => old.dataset[name] === tile.dataset[name]);

  document.addEventListener("visibilitychange", ask);
  timer = setTimeout(ask, EVERY);
}
