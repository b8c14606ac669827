// A district drawn from its township centres alone: a soft outline, and the nearest-centre cell of each.
// Points are [x, y] in degrees; x is squeezed by the cosine of the latitude so that distances are true.

const SQUEEZE = Math.cos((36.43 * Math.PI) / 180);

function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const half = (list) => {
    const kept = [];
    for (const point of list) {
      while (kept.length > 1 && turn(kept.at(-2), kept.at(-1), point) <= 0) kept.pop();
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

// The hull of a circle of `reach` degrees around every centre: rounded by itself.
export function outline(sites, reach = 0.062) {
  const around = sites.flatMap(([x, y]) => Array.from({ length: 24 }, (_, step) => {
    const angle = (step * Math.PI) / 12;
    return [x + (reach * Math.cos(angle)) / SQUEEZE, y + reach * Math.sin(angle)];
  }));
  return hull(around);
}

// Cut the outline, for each centre, by the line half way to every other one.
export function cells(sites, border) {
  return sites.map((site, index) => sites.reduce((ring, other, which) => (which === index ? ring : cut(ring, site, other)), border));
}

function cut(ring, site, other) {
  const near = ([x, y]) => {
    const to = ([a, b]) => ((x - a) * SQUEEZE) ** 2 + (y - b) ** 2;
    return to(other) - to(site);
  };
  const kept = [];
  ring.forEach((point, index) => {
    const next = ring[(index + 1) % ring.length];
    const [here, there] = [near(point), near(next)];
    if (here >= 0) kept.push(point);
    if (here >= 0 !== there >= 0) {
      const share = here / (here - there);
      kept.push([point[0] + share * (next[0] - point[0]), point[1] + share * (next[1] - point[1])]);
    }
  });
  return kept;
}
