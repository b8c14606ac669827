// Signing out takes a visit's data off the tablet. What the server does not hold yet is asked about first.
// Used by the tablet page and, through app.js, by every other page with a sign-out button.
import { h } from "./dom.js";

const act = (words, onclick, look = "") => h("button", { type: "button", class: `btn ${look}`, onclick }, words);

// How much of a person's work is on this browser and unconfirmed; null where there never was any (nothing is made by asking).
async function left(store, person) {
  const all = (await indexedDB.databases?.()) ?? [{ name: store.NAME }];
  return all.some(({ name }) => name === store.NAME) ? (await store.unsent())[person] ?? 0 : null;
}

// Answers whether this person may sign out now: their data are gone, or were none. Otherwise a dialog stands in the way.
// What another person left on a shared tablet is neither counted nor touched: the tablet page may be theirs still.
export async function mayLeave({ person, words, store, rescue, leave, home }) {
  const unsent = await left(store, person);
  if (unsent === null) return true;
  if (!unsent) {
    await store.wipePerson(person);
    return true;
  }
  const said = h("p", { role: "status" });
  const dialog = h("dialog", { class: "leaving", "aria-labelledby": "leaving-title" },
    h("h2", { id: "leaving-title" }, words("leaveTitle")), h("p", {}, words("leaveWhy", { n: unsent })), said,
    h("div", { class: "leaving-acts" },
      home ? h("a", { class: "btn btn-primary", href: home }, words("leaveSend")) : act(words("leaveStay"), () => dialog.close(), "btn-primary"),
      act(words("exportFile"), async () => {
        try {
          const [made, lost] = [await rescue.download(person), await rescue.left(person)];
          said.textContent = words(!made ? "exportFailed" : lost ? "exportedLeft" : "leaveExported", { n: lost });
        } catch {
          said.textContent = words("exportFailed");
        }
      }),
      act(words("leaveAnyway"), async () => {
        await store.wipePerson(person);
        dialog.close();
        leave();
      }, "btn-danger"),
      home && act(words("leaveStay"), () => dialog.close())));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return false;
}
