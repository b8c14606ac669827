// The page itself without a network: the service worker, its newer versions, and how much room the tablet has.
const LOW = 200e6; // bytes: some four hundred photos
const data = document.getElementById("field").dataset;
const SLOWEST = 60_000;
let waiting = null;
let telling = () => {};

// A worker that a bad line swallowed, or one of the files it keeps, is asked for until the page lies on the tablet: nobody
// reloads a page that says "stay connected for a moment".
async function kept(onKept) {
  for (let wait = 2_000; ; wait = Math.min(wait * 2, SLOWEST)) {
    try {
      const registration = await navigator.serviceWorker.register(data.worker, { scope: data.home });
      if (!registration.active && (await settled(registration.installing ?? registration.waiting))) onKept();
      const newest = registration.waiting ?? registration.active;
      if (newest && (await isSound(newest))) return registration;
      await registration.update();
    } catch {
      // no line: again
    }
    await new Promise((done) => setTimeout(done, wait));
  }
}

const settled = (worker) =>
  new Promise((done) => {
    const look = () => ["activated", "redundant"].includes(worker?.state ?? "redundant") && done(worker?.state === "activated");
    worker?.addEventListener("statechange", look);
    look();
  });

// A browser may take an answer torn off in its head for a whole, empty script. Such a worker opens no page without a network,
// and does not answer: another is fetched before it takes the place of a good one.
const isSound = (worker) =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(true);
    setTimeout(done, 3_000, false);
    worker.postMessage("here?", [port2]);
  });

export async function register(onNewer, onKept) {
  telling = onNewer;
  if (!navigator.serviceWorker) return;
  let had = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (had) location.reload(); // the newer version has taken over, because somebody asked for it
    had = true;
  });
  const registration = await kept(onKept);
  const look = async (worker) => {
    if (!(await isSound(worker))) {
      await registration.update().catch(() => {});
      await kept(onKept); // asked for again where the line was away
      worker = registration.waiting; // another, or this one was only slow
    }
    if (!worker || !navigator.serviceWorker.controller) return;
    waiting = worker;
    telling();
  };
  const follow = (worker) => {
    if (worker.state === "installed") look(worker);
    else worker.addEventListener("statechange", () => worker.state === "installed" && look(worker));
  };
  for (const worker of [registration.waiting, registration.installing]) if (worker) follow(worker); // found before we listened
  registration.addEventListener("updatefound", () => follow(registration.installing));
  setInterval(() => navigator.onLine && registration.update().catch(() => {}), 3_600_000);
}

export const newer = () => waiting !== null;
export const takeNewer = () => waiting?.postMessage("take-over");

// Whether page, script and style lie in the cache: only then a visit is ready for a cellar.
export async function isStored() {
  if (!("caches" in self) || !navigator.serviceWorker) return false;
  const registration = await navigator.serviceWorker.getRegistration(data.home);
  if (!registration?.active) return false;
  return Boolean(await caches.match(data.home)) && Boolean(await caches.match(data.script));
}

export async function room() {
  const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  const kept = (await navigator.storage?.persisted?.()) ?? false;
  return { left: quota - usage, usage, low: quota > 0 && quota - usage < LOW, kept, asked: localStorage.getItem("field-persist") === "asked" };
}
