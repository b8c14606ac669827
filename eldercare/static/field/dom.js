// h("button", {class: "big", onclick}, "text", node): elements without any markup in strings.
const SVG = "http://www.w3.org/2000/svg";

export function h(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(4).filter((each) => each !== null && each !== undefined && each !== false && each !== ""));
  return node;
}

function drawn(name, box, symbol) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", name);
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", symbol);
  svg.append(use);
  return svg;
}
export const icon = (name) => drawn("icon", "0 0 24 24", `#icon-${name}`);
export const sign = (tone) => drawn(`sign sign-${tone}`, "0 0 16 16", `#sign-${tone}`);

// the strokes of a signature ([[x, y], …] each), as a picture
export function strokes({ w, h: high, lines }, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "strokes");
  svg.setAttribute("viewBox", `0 0 ${w} ${high}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  for (const line of lines) {
    const path = document.createElementNS(SVG, "polyline");
    path.setAttribute("points", (line.length === 1 ? [line[0], [line[0][0] + 1, line[0][1]]] : line).join(" "));
    svg.append(path);
  }
  return svg;
}

// Put `fresh` in place of `old`; whoever had the focus has it again (by data-focus).
export function swap(old, fresh) {
  const held = old.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  old.replaceWith(fresh);
  if (held) fresh.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  return fresh;
}
