// The bell in the page's head: how much waits, asked twice a minute while the page is looked at.
// The last answer is kept for the next page of this tab, so that the number does not flicker.
const EVERY = 30000;
const KEPT = "inbox";

export function setUpInbox() {
  const bell = document.querySelector("[data-inbox]");
  if (!bell) return;
  show(bell, read());
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(bell.dataset.inbox, { headers: { "X-Poll": "1", Accept: "application/json" }, redirect: "error" });
      if (!answer.ok) return;
      const counts = await answer.json();
      sessionStorage.setItem(KEPT, JSON.stringify({ ...counts, person: bell.dataset.person }));
      show(bell, counts);
    } catch {
      // signed out or no network: the number stays as it was, the next page says so
    }
  };
  ask();
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);

  function read() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    return kept?.person === bell.dataset.person ? kept : null;
  }
}

function show(bell, counts) {
  if (!counts) return;
  const box = bell.querySelector(".bell-count");
  const sum = counts.todo + counts.know;
  box.textContent = sum > 99 ? "99+" : String(sum);
  box.hidden = !sum;
  box.classList.toggle("is-late", counts.late > 0);
  const words = bell.dataset.words.replace("{todo}", counts.todo).replace("{late}", counts.late).replace("{know}", counts.know);
  bell.querySelector(".visually-hidden").textContent = words; // what is seen stands behind it in the link's name
  bell.title = words;
}
