// Where the tablet is, when it may be asked. A position is at most two minutes old; without one nothing is held up.
import { iso } from "./clock.js";

const FRESH = 120_000;
let last = null; // {position, got}
export let refusal = null; // "denied" | "unavailable" | null

const kept = ({ coords }) => ({
  lat: Math.round(coords.latitude * 1e6) / 1e6, lon: Math.round(coords.longitude * 1e6) / 1e6,
  accuracy: Math.round(coords.accuracy), at: iso(),
});

export function ask(seconds = 10) {
  if (!navigator.geolocation) {
    refusal = "unavailable";
    return Promise.resolve(null);
  }
  return new Promise((done) => {
    const timer = setTimeout(() => done(null), seconds * 1000 + 500);
    const end = (value) => (clearTimeout(timer), done(value));
    navigator.geolocation.getCurrentPosition(
      (found) => {
        refusal = null;
        last = { position: kept(found), got: Date.now() };
        end(last.position);
      },
      (error) => {
        refusal = error.code === 1 ? "denied" : "unavailable";
        end(null);
      },
      { enableHighAccuracy: true, timeout: seconds * 1000, maximumAge: FRESH },
    );
  });
}

// For photos: what is known, and a new look in the background when that is old.
export function here() {
  if (!last || Date.now() - last.got > FRESH / 2) ask();
  return last && Date.now() - last.got < FRESH ? last.position : null;
}
