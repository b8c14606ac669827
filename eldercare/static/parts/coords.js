// WGS-84 → GCJ-02 (Gaode, Tencent) → BD-09 (Baidu): the published approximation, good to a few metres.
// Places outside mainland China are left alone. All functions take and give [lat, lon] in degrees.

const AXIS = 6378245;
const ECCENTRICITY = 0.00669342162296594323;
const { PI, sin, cos, sqrt, abs, atan2, hypot } = Math;

// Both corrections share a wave along x; each adds waves of its own.
function waves(x, along, first, second, third) {
  const fine = 20 * sin(6 * x * PI) + 20 * sin(2 * x * PI);
  const coarse = 20 * sin(along * PI) + 40 * sin((along / 3) * PI);
  return ((fine + coarse + first * sin((along / 12) * PI) + second * sin((along / third) * PI)) * 2) / 3;
}

export function toGcj(lat, lon) {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lat, lon];
  const x = lon - 105;
  const y = lat - 35;
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves(x, y, 160, 320, 30);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves(x, x, 150, 300, 30);
  const angle = (lat / 180) * PI;
  const shrink = 1 - ECCENTRICITY * sin(angle) ** 2;
  const metresNorth = ((AXIS * (1 - ECCENTRICITY)) / (shrink * sqrt(shrink))) * (PI / 180);
  const metresEast = (AXIS / sqrt(shrink)) * cos(angle) * (PI / 180);
  return [lat + north / metresNorth, lon + east / metresEast];
}

export function toBaidu(lat, lon) {
  const [y, x] = toGcj(lat, lon);
  const turn = (PI * 3000) / 180;
  const reach = hypot(x, y) + 0.00002 * sin(y * turn);
  const angle = atan2(y, x) + 0.000003 * cos(x * turn);
  return [reach * sin(angle) + 0.006, reach * cos(angle) + 0.0065];
}

export function shifter(system) {
  return { gcj02: toGcj, bd09: toBaidu }[system] ?? ((lat, lon) => [lat, lon]);
}
