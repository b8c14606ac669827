// Vega-Lite specs drawn without eval (the interpreter) and without styles put into the page.
import embed from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";

const style = getComputedStyle(document.documentElement);
const font = style.getPropertyValue("--font").trim() || "sans-serif";
const text = "#45535f";

// What a spec does not say itself; `core/charts.py` says the same for paper.
const config = {
  font,
  background: "transparent",
  view: { stroke: null },
  axis: {
    labelFont: font, titleFont: font, labelColor: text, titleColor: text, labelFontSize: 13, titleFontSize: 13, titleFontWeight: 400,
    gridColor: "#e7ebef", domainColor: "#c9d1d9", tickColor: "#c9d1d9", labelPadding: 6, tickSize: 4,
  },
  axisY: { domain: false, ticks: false },
  axisX: { grid: false, labelAngle: 0 },
  legend: { labelFont: font, titleFont: font, labelColor: text, labelFontSize: 13, titleFontSize: 13, orient: "top", symbolType: "square" },
  text: { font, fontSize: 13, color: "#1b2733" },
  bar: { color: "#2f72b5" },
  line: { color: "#1f5c99", strokeWidth: 2.25 },
  point: { color: "#1f5c99", filled: true, size: 42 },
  range: { category: ["#1f5c99", "#e08a1e", "#3aa395", "#8d3b72", "#8b98a5", "#c9b458"] },
};

async function draw(figure) {
  if (figure.dataset.drawn) return;
  figure.dataset.drawn = "1";
  const canvas = figure.querySelector("[data-chart-canvas]");
  const spec = JSON.parse(figure.querySelector("[data-chart-spec]").textContent);
  const isSingle = !["facet", "hconcat", "vconcat", "concat", "repeat"].some((key) => key in spec);
  if (isSingle) {
    spec.width = "container";
    spec.layer = spec.layer?.filter((layer) => layer.name !== "spare" || canvas.clientWidth >= 560);
    spec.autosize ??= { type: "fit-x", contains: "padding" };
  }
  delete spec.title;
  try {
    canvas.replaceChildren();
    await embed(canvas, spec, {
      mode: "vega-lite", ast: true, expr: expressionInterpreter, renderer: "svg", actions: false, defaultStyle: false,
      tooltip: { disableDefaultStyle: true }, config,
    });
    canvas.classList.add("is-drawn");
    canvas.querySelector("svg")?.setAttribute("aria-hidden", "true"); // its name stands on the canvas, its numbers below
  } catch (error) {
    canvas.closest("figure").querySelector("details")?.setAttribute("open", "");
    console.error(error);
  }
}

const drawAll = (root) => root.querySelectorAll("[data-chart]").forEach(draw);
drawAll(document);
document.body.addEventListener("htmx:load", (event) => drawAll(event.target));
