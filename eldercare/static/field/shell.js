// The page itself without a network: the service worker, its newer versions, and how much room the tablet has.
const LOW = 200e6; // bytes: some four hundred photos
const data = document.getElementById("field").dataset;
let waiting = null;
let telling = () => {};

export async function register(onNewer) {
  telling = onNewer;
  if (!navigator.serviceWorker) return;
  let had = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (had) location.reload(); // the newer version has taken over, because somebody asked for it
    had = true;
  });
  const registration = await navigator.serviceWorker.register(data.worker, { scope: data.home });
  const look = (worker) => {
    if (!worker || !navigator.serviceWorker.controller) return;
    waiting = worker;
    telling();
  };
  if (registration.waiting) look(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker.addEventListener("statechange", () => worker.state === "installed" && look(worker));
  });
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
