// Whose tablet this is at the moment. Somebody else signing in does not see, and does not send, what another one wrote.
import { setOffset, offsetOf } from "./clock.js";
import * as net from "./net.js";
import * as store from "./store.js";

export const session = { person: null, name: "", state: "unknown", device: "", app: document.getElementById("field").dataset.version };
const listeners = new Set();
export const onSession = (listen) => listeners.add(listen);
const tell = (changed) => listeners.forEach((listen) => listen(changed));

// What was known the last time: enough to work without any network.
export async function recall() {
  session.device = await store.device();
  const person = await store.meta("person");
  session.person = person?.id ?? null;
  session.name = person?.name ?? "";
  setOffset((await store.meta("offset")) ?? 0);
}

// Asks the server who is signed in. Answers whether that is the person whose visits are shown.
export async function check() {
  try {
    const said = await net.token();
    const other = said.person_id !== session.person;
    const offset = offsetOf(said.now);
    setOffset(offset);
    await store.setMeta("offset", offset);
    if (other) await store.setMeta("person", { id: said.person_id, name: said.person_name });
    Object.assign(session, { person: said.person_id, name: said.person_name, state: "in" });
    tell(other);
    return true;
  } catch (error) {
    session.state = error instanceof net.SignedOut ? "out" : net.isRefusal(error) ? "refused" : "away";
    tell(false);
    return false;
  }
}

export function lost(state) {
  session.state = state;
  tell(false);
}
