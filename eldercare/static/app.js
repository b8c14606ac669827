// What every page needs: htmx set up safely, menus, the main menu on tablets, forms sent once,
// revealed numbers hidden again. No inline handlers, no eval; all words come from the page.
import htmx from "htmx.org/dist/htmx.esm.js";
import { setUpRequests } from "./parts/requests.js";
import { setUpMenus } from "./parts/menus.js";
import { setUpForms } from "./parts/forms.js";
import { setUpLists } from "./parts/lists.js";
import { setUpReveal } from "./parts/reveal.js";
import { setUpInbox } from "./parts/inbox.js";
import { setUpBoard } from "./parts/board.js";
import { setUpMatrix } from "./parts/matrix.js";
import { setUpPlans } from "./parts/plans.js";
import { setUpPosition } from "./parts/position.js";
import { setUpLeaving } from "./parts/leaving.js";

document.documentElement.classList.add("scripted");

setUpRequests(htmx);
setUpMenus();
setUpForms();
setUpLists();
setUpReveal();
setUpInbox();
setUpBoard(htmx);
setUpPlans();
setUpPosition();
setUpLeaving();
setUpMatrix();

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
