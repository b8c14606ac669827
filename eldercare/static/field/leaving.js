// Signing out takes a visit's data off the tablet. What the server does not hold yet is asked about first.
// Used by the tablet page and, through app.js, by every other page with a sign-out button.
import { h } from "./dom.js";

const act = (words, onclick, look = "") => h("button", { type: "button", class: `btn ${look}`, onclick }, words);

// How much of whose work is on this browser and unconfirmed; 0 where there never was any (nothing is made by asking).
export async function left(store) {
  const all = (await indexedDB.databases?.()) ?? [{ name: store.NAME }];
  if (!all.some(({ name }) => name === store.NAME)) return null;
  const person = (await store.meta("person"))?.id ?? null;
  if (person === null) return null;
  return { person, unsent: (await store.unsent())[person] ?? 0 };
}

// Answers whether one may sign out now: the data are gone, or were none. Otherwise a dialog stands in the way.
export async function mayLeave({ words, store, rescue, leave, home }) {
  const held = await left(store);
  if (!held) return true;
  if (!held.unsent) {
    await store.wipePerson(held.person);
    return true;
  }
  const said = h("p", { role: "status" });
  const dialog = h("dialog", { class: "leaving", "aria-labelledby": "leaving-title" },
    h("h2", { id: "leaving-title" }, words("leaveTitle")), h("p", {}, words("leaveWhy", { n: held.unsent })), said,
    h("div", { class: "leaving-acts" },
      home ? h("a", { class: "btn btn-primary", href: home }, words("leaveSend")) : act(words("leaveStay"), () => dialog.close(), "btn-primary"),
      act(words("exportFile"), async () => {
        try {
          await rescue.download(held.person);
          said.textContent = words("leaveExported");
        } catch {
          said.textContent = words("exportFailed");
        }
      }),
      act(words("leaveAnyway"), async () => {
        await store.wipePerson(held.person);
        dialog.close();
        leave();
      }, "btn-danger"),
      home && act(words("leaveStay"), () => dialog.close())));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return false;
}
