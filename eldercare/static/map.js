// Places on the district: a sketch drawn from township centres, with or without tiles under it.
// Coordinates arrive in WGS-84 and are shifted only when the tile source counts otherwise.
import L from "leaflet";
import { cells, outline } from "./parts/sketch.js";
import { shifter } from "./parts/coords.js";

const SHAPES = [
  ["circle", { cx: 8, cy: 8, r: 6.5 }],
  ["path", { d: "M8 1.2 14.8 8 8 14.8 1.2 8Z" }],
  ["path", { d: "M8 1.8 15 14H1Z" }],
  ["path", { d: "M2 2h12v12H2Z" }],
  ["path", { d: "M5 1.500h6l4 6.5-4 6.500H5L1 8Z" }],
  ["path", { d: "M6 1h4v5h5v4h-5v5H6v-5H1V6h5Z" }],
];

function shape(index) {
  const [name, attributes] = SHAPES[index % SHAPES.length];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) drawn.setAttribute(key, value);
  svg.append(drawn);
  return svg;
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function draw(figure) {
  if (figure.dataset.drawn) return;
  figure.dataset.drawn = "1";
  const data = JSON.parse(figure.querySelector("[data-map-data]").textContent);
  const canvas = figure.querySelector("[data-map-canvas]");
  const tiles = figure.dataset.tiles;
  const shift = shifter(tiles ? figure.dataset.tileCoords : "wgs84");
  const at = (thing) => shift(thing.lat, thing.lon);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(canvas, {
    zoomControl: false, attributionControl: Boolean(tiles), zoomSnap: 0.25, minZoom: 8, maxZoom: 18,
    scrollWheelZoom: false, zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm,
  });
  L.control.zoom({ position: "topright", zoomInTitle: data.words.in, zoomOutTitle: data.words.out }).addTo(map);
  const bounds = sketch(map, figure, data.areas, at, Boolean(tiles));
  if (tiles) L.tileLayer(tiles, { attribution: figure.dataset.tileCredit, maxZoom: 18 }).addTo(map);
  for (const point of data.points) bounds.extend(at(point));
  const own = L.latLngBounds(data.points.map(at));
  if (data.close && own.isValid()) map.fitBounds(own.pad(data.close === true ? 0.4 : data.close), { maxZoom: data.close === true ? 12 : 14, animate: false });
  else if (bounds.isValid()) map.fitBounds(bounds, { padding: [12, 12], maxZoom: 14, animate: false });
  else map.setView(shift(36.43, 120.57), 10);
  matchMedia("print").addEventListener("change", () => {
    map.invalidateSize({ animate: false });
    if (bounds.isValid()) map.setMaxBounds(null).fitBounds(bounds, { padding: [12, 12], maxZoom: 14, animate: false });
  });
  map.createPane("names").style.zIndex = 640;
  map.getPane("names").style.pointerEvents = "none";
  names(map, data.areas, at);
  map.setMaxBounds(map.getBounds().pad(0.5));
  ways(map, data.lines, shift);
  pins(map, figure, data, at);
  canvas.addEventListener("focus", () => map.scrollWheelZoom.enable(), true);
  canvas.addEventListener("mouseleave", () => map.scrollWheelZoom.disable());
  map.on("click", () => map.scrollWheelZoom.enable());
}

// The plain background: one soft panel cut into a cell a township, names where the centres are.
function sketch(map, figure, areas, at, isOverTiles) {
  const bounds = L.latLngBounds([]);
  if (!areas.length) return bounds;
  const sites = areas.map((area) => at(area)).map(([lat, lon]) => [lon, lat]);
  const border = outline(sites);
  const flip = (ring) => ring.map(([x, y]) => [y, x]);
  const most = Math.max(...areas.map((area) => area.value ?? 0));
  const soft = { interactive: false, className: "map-area" };
  cells(sites, border).forEach((ring, index) => {
    const share = most ? (areas[index].value ?? 0) / most : 0;
    L.polygon(flip(ring), {
      ...soft, color: isOverTiles ? "#1f5c99" : "#d5dde4", weight: isOverTiles ? 1 : 1.25, dashArray: isOverTiles ? "4 4" : null,
      fillColor: most ? "#2f72b5" : "#fdfdfb", fillOpacity: isOverTiles ? 0 : most ? 0.06 + 0.34 * share : 1,
    }).addTo(map);
  });
  L.polygon(flip(border), { ...soft, fill: false, color: "#9fb0be", weight: 1.75 }).addTo(map);
  figure.querySelector("[data-map-note]").hidden = false;
  bounds.extend(flip(border));
  return bounds;
}

// The names lie over the pins: a pin can be moved under a pointer, a name cannot.
function names(map, areas, at) {
  for (const area of areas) {
    const label = element("span", area.name);
    if (area.value !== undefined && area.value !== null) label.append(element("b", area.words ?? String(area.value)));
    const icon = L.divIcon({ html: label, className: "map-place", iconSize: null });
    L.marker(at(area), { icon, pane: "names", interactive: false, keyboard: false }).addTo(map);
  }
}

// Ways from place to place: straight, since no road server is asked; each with a colour and a stroke of its own.
const STROKES = [["#1f5c99", null], ["#b4530a", "10 5"], ["#8d3b72", "3 5"], ["#0f8a7d", "14 4 3 4"], ["#5b6670", "6 6"]];

function ways(map, lines, shift) {
  for (const { points, index } of lines) {
    const [color, dashArray] = STROKES[index % STROKES.length];
    const track = points.map(([lon, lat]) => shift(lat, lon));
    L.polyline(track, { color: "#fff", weight: 6, opacity: 0.85, interactive: false }).addTo(map);
    L.polyline(track, { color, dashArray, weight: 3, interactive: false, className: "map-way" }).addTo(map);
  }
}

function pins(map, figure, data, at) {
  const kinds = data.kinds.length ? data.kinds : [["", ""]];
  const layers = new Map(kinds.map(([key], index) => [key, { index, group: L.layerGroup().addTo(map), count: 0 }]));
  const keyboard = false; // pins lie too close to be stepped through; the list beside the map has the same links
  const rest = layers.values().next().value;
  for (const point of [...data.points].sort((a, b) => b.lat - a.lat)) {
    const layer = layers.get(point.kind) ?? rest;
    const html = point.number ? element("b", String(point.number), `map-number line-${point.line ?? 0}`) : shape(layer.index);
    const icon = L.divIcon({ html, className: `map-pin pin-${layer.index}`, iconSize: [24, 24] });
    const order = 600 - 100 * layer.index;
    const marker = L.marker(at(point), { icon, title: point.name, alt: point.name, riseOnHover: true, zIndexOffset: order, keyboard });
    marker.bindPopup(() => popup(point, kinds[layer.index][1], data.words), { closeButton: false });
    marker.addTo(layer.group);
    layer.count += 1;
  }
  const legend = figure.querySelector("[data-map-legend]");
  for (const [key, words] of kinds) {
    const layer = layers.get(key);
    if (!words || !layer.count) continue;
    const button = element("button");
    button.type = "button";
    button.className = `pin-${layer.index}`;
    button.setAttribute("aria-pressed", "true");
    button.append(shape(layer.index), element("span", words), element("b", String(layer.count)));
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(shown));
      if (shown) layer.group.addTo(map);
      else layer.group.remove();
    });
    legend.append(button);
  }
}

function popup(point, kind, words) {
  const box = element("div");
  box.append(element("b", point.name));
  const about = [kind, point.note].filter(Boolean).join(" · ");
  if (about) box.append(element("p", about));
  if (point.url) {
    const link = element("a", words.open);
    link.href = point.url;
    box.append(link);
  }
  return box;
}

const drawAll = (root) => root.querySelectorAll("[data-map]").forEach(draw);
drawAll(document);
document.body.addEventListener("htmx:load", (event) => drawAll(event.target));
