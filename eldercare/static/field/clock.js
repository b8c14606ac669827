// The time by the server's clock: a tablet's own may be wrong by hours. The difference is learned at each contact and kept.
let offset = 0; // milliseconds to add to the device's clock

export const setOffset = (ms) => (offset = Number.isFinite(ms) ? ms : 0);
export const deviceMs = () => Math.round(-offset); // how far the device's clock is ahead
export const offsetOf = (serverNow) => Date.parse(serverNow) - Date.now();
export const now = () => new Date(Date.now() + offset);
export const iso = () => now().toISOString();

const DISTRICT = "Asia/Shanghai"; // days are the district's, wherever the tablet thinks it is
const asDay = new Intl.DateTimeFormat("en-CA", { timeZone: DISTRICT, year: "numeric", month: "2-digit", day: "2-digit" });
const asTime = new Intl.DateTimeFormat("en-GB", { timeZone: DISTRICT, hour: "2-digit", minute: "2-digit" });

export const dayOf = (moment) => asDay.format(new Date(moment));
export const today = () => asDay.format(now());
export const timeOf = (moment) => asTime.format(new Date(moment));

// a moment as a field for day and time shows it, and back; the district has had no summer time since 1991
export const localOf = (moment) => `${dayOf(moment)}T${timeOf(moment)}`;
export function momentOf(local) {
  const moment = new Date(`${local}:00+08:00`);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}

export function plusDays(day, days) {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
