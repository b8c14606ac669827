// A month wider than the screen opens at today: what was missed last night is what one has come for.
export function setUpMatrix() {
  const frame = document.querySelector(".matrix-frame");
  const today = frame?.querySelector("th.is-today");
  if (today) frame.scrollLeft = today.offsetLeft + today.offsetWidth + 32 - frame.clientWidth;
}
