// The cockpit on a wall: it asks for itself every half minute, keeps its clock by the server's, draws the map of the
// townships, and says since when it stands still. What it asks with keeps nobody signed in.
import { cells, outline } from "./parts/sketch.js";

const screen = document.querySelector("[data-screen]");
const live = screen.querySelector("[data-live]");
const still = screen.querySelector("[data-still]");
const clock = screen.querySelector("[data-clock]");
const language = document.documentElement.lang;
const SQUEEZE = Math.cos((36.43 * Math.PI) / 180);
const SVG = "http://www.w3.org/2000/svg";
let ahead = 0; // how far the server's clock goes before this one, in ms
let taken = Date.now();

function tick() {
  const moment = new Date(Date.now() + ahead);
  const zone = { timeZone: "Asia/Shanghai" };
  const day = document.createElement("small");
  day.textContent = moment.toLocaleDateString(language, { ...zone, month: "long", day: "numeric", weekday: "long" });
  clock.replaceChildren(day, moment.toLocaleTimeString(language, { ...zone, hour: "2-digit", minute: "2-digit", hour12: false }));
}

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function draw() {
  const box = live.querySelector("[data-areas]");
  const { areas, tone } = JSON.parse(live.querySelector("[data-areas-data]").textContent);
  if (!box || !areas.length) return;
  const sites = areas.map((area) => [area.lon, area.lat]);
  const border = outline(sites);
  const [xs, ys] = [border.map(([x]) => x), border.map(([, y]) => y)];
  const [left, top, wide, high] = [Math.min(...xs), Math.max(...ys), Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
  const scale = 1000 / (wide * SQUEEZE);
  // a sketch of centres: drawn a little higher than it is, where there is room, so that names do not meet
  const lift = Math.min(Math.max((1000 * box.clientHeight) / (box.clientWidth * high * scale), 1), 1.45);
  const at = ([x, y]) => [(x - left) * SQUEEZE * scale, (top - y) * scale * lift];
  const svg = shape("svg", { viewBox: `0 0 1000 ${Math.ceil(high * scale * lift)}`, "aria-hidden": "true", focusable: "false" });
  const known = areas.map((area) => area.value).filter((value) => value !== null);
  const most = Math.max(...known, 0) || 1;
  const colours = tone === "watch" ? [[38, 62, 84], [196, 120, 20]] : [[38, 62, 84], [62, 138, 208]];
  const shade = (value) => (value === null ? "#1e3448"
    : `rgb(${colours[0].map((from, n) => Math.round(from + ((colours[1][n] - from) * value) / most)).join(" ")})`);
  cells(sites, border).forEach((ring, index) => {
    const path = `M${ring.map((point) => at(point).map((n) => n.toFixed(1)).join(",")).join("L")}Z`;
    svg.append(shape("path", { d: path, fill: shade(areas[index].value) }));
  });
  areas.forEach((area, index) => {
    const [x, y] = at(sites[index]);
    svg.append(shape("text", { x, y: area.words ? y - 8 : y + 12, "font-size": language === "en" ? 30 : 36 }, area.name));
    if (area.words) svg.append(shape("text", { x, y: y + 32, "font-size": language === "en" ? 36 : 42, class: "value" }, area.words));
  });
  box.replaceChildren(svg);
}

function settle() {
  const grid = live.querySelector("[data-now]");
  ahead = new Date(grid.dataset.now).getTime() - Date.now();
  taken = Date.now();
  still.hidden = true;
  tick();
  draw();
}

function standStill(words) {
  const time = new Date(taken + ahead).toLocaleTimeString(language, { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
  still.textContent = words.replace("{time}", time);
  still.hidden = false;
}

async function ask() {
  try {
    const answer = await fetch(screen.dataset.url, { headers: { "X-Poll": "1" }, redirect: "manual", signal: AbortSignal.timeout(25_000) });
    if (answer.type === "opaqueredirect" || [401, 403, 410].includes(answer.status)) return standStill(still.dataset.gone);
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const grid = page.querySelector("[data-now]");
    if (!grid) throw new Error("no figures");
    if (grid.dataset.build !== screen.dataset.build) return location.reload(); // a new version of the platform
    live.replaceChildren(document.adoptNode(grid));
    settle();
  } catch {
    standStill(still.dataset.lost);
  }
}

const button = screen.querySelector("[data-full]");
button.hidden = !document.fullscreenEnabled;
button.addEventListener("click", () => document.documentElement.requestFullscreen());
const awake = () => navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && awake());

awake();
settle();
setInterval(tick, 1000);
setInterval(ask, 1000 * screen.dataset.every);
