// Signing out on a tablet that holds a visit: what was not sent is asked about before it goes (see field/leaving.js).
import { mayLeave } from "../field/leaving.js";
import * as rescue from "../field/rescue.js";
import * as store from "../field/store.js";

export function setUpLeaving() {
  const form = document.querySelector("form[data-leaving]");
  if (!form) return;
  const said = JSON.parse(form.dataset.leaving);
  const words = (key, given = {}) => (said[key] ?? key).replace(/\{(\w+)\}/g, (_whole, name) => given[name] ?? "");
  let isAsked = false;
  form.addEventListener("submit", async (event) => {
    if (isAsked) return;
    event.preventDefault();
    const leave = () => {
      isAsked = true;
      form.requestSubmit();
    };
    // a database that cannot be read holds nobody back
    if (await mayLeave({ person: Number(form.dataset.person), words, store, rescue, leave, home: form.dataset.field }).catch(() => true)) leave();
  });
}
