// The last resort: everything of a visit in one file that only the server can open, whatever else has failed.
// {format, key, iv, data}: an AES-256 key wrapped with the server's RSA key (OAEP, SHA-256); AES-GCM over a JSON.
import { base64 } from "./canonical.js";
import * as store from "./store.js";

export async function sealed(uid) {
  const [visit, entries, photos, record, key] = await Promise.all([
    store.visit(uid), store.entriesOf(uid), store.photosOf(uid), store.recordOf(uid), store.meta("rescue_key"),
  ]);
  if (!key) throw new Error("no key");
  const pictures = {};
  for (const photo of photos) {
    const data = await store.bytesOf(uid, photo.sha256);
    if (data) pictures[photo.sha256] = base64(data);
  }
  const inner = {
    format: 1, visit: uid, device: await store.device(), person_id: visit?.person_id ?? entries[0]?.person_id ?? null,
    record: record ? { text: record.text, sha256: record.sha256 } : null,
    draft: { seq: Math.max(0, ...entries.map((each) => each.seq)), entries: Object.fromEntries(entries.map((each) => [each.key, each.value])) },
    photos: pictures,
  };
  const { key_ops, use, ...jwk } = key; // whatever it was marked for: here it wraps
  const server = await crypto.subtle.importKey("jwk", { ...jwk, alg: "RSA-OAEP-256" }, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["encrypt"]);
  const secret = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, secret, new TextEncoder().encode(JSON.stringify(inner)));
  const wrapped = await crypto.subtle.encrypt({ name: "RSA-OAEP" }, server, await crypto.subtle.exportKey("raw", secret));
  return JSON.stringify({ format: 1, key: base64(wrapped), iv: base64(iv), data: base64(data) });
}

// How many photos are in no file: the server takes only what the tablet could work up.
export const left = async (person) => (await Promise.all((await store.visitsOf(person)).map(({ uid }) => store.rawOf(uid)))).flat().length;

// Every visit of this person with something on the tablet, each in a file of its own. Answers how many.
export async function download(person) {
  let made = 0;
  for (const { uid } of await store.visitsOf(person)) {
    if (!(await store.entriesOf(uid)).length) continue;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([await sealed(uid)], { type: "application/json" }));
    link.download = `visit-${uid}.rescue`;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    made += 1;
  }
  return made;
}
