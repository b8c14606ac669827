// One text for one value, and its SHA-256: what the server computes too, so that both sides can compare.
// Keys in order, no spaces, nothing escaped that need not be (the same as Python's json with sort_keys).

function ordered(value) {
  if (Array.isArray(value)) return value.map((each) => ordered(each ?? null));
  if (typeof value === "string") return value.toWellFormed?.() ?? value;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.keys(value).filter((key) => value[key] !== undefined).sort().map((key) => [key, ordered(value[key])]),
  );
}

export const canonical = (value) => JSON.stringify(ordered(value));

export async function sha256(data) {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function base64(bytes) {
  const view = new Uint8Array(bytes);
  let text = "";
  for (let at = 0; at < view.length; at += 0x8000) text += String.fromCharCode(...view.subarray(at, at + 0x8000));
  return btoa(text);
}
