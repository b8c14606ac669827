// One sender at a time, over all tabs of this browser: Web Locks, or where there are none a lease in the database.
import { meta, setMeta } from "./store.js";

const NAME = "eldercare-field-outbox";
const LEASE = 90_000; // longer than any one request
const me = crypto.randomUUID();

// Runs `work` when nobody else is sending; answers false when somebody is.
export async function alone(work) {
  if (navigator.locks) {
    return navigator.locks.request(NAME, { ifAvailable: true }, async (lock) => {
      if (!lock) return false;
      await work(() => {});
      return true;
    });
  }
  const held = await meta("lease");
  if (held && held.tab !== me && held.until > Date.now()) return false;
  const renew = () => setMeta("lease", { tab: me, until: Date.now() + LEASE });
  await renew();
  await new Promise((done) => setTimeout(done, 50 + Math.random() * 100));
  if ((await meta("lease")).tab !== me) return false; // another tab asked in the same moment
  try {
    await work(renew);
  } finally {
    await setMeta("lease", null);
  }
  return true;
}
