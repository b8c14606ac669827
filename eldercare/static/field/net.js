// Talking to the server: every call ends, in time or by its limit, and says plainly how.
export class Unreachable extends Error {}
export class SignedOut extends Error {}
export class Answered extends Error {
  constructor(status, body) {
    super(body?.code ?? `http.${status}`);
    this.status = status;
    this.body = body ?? {};
    this.code = this.message;
  }
}
// The server has understood and says no: the same again would get the same answer. What others hold for a moment is no verdict.
const PASSING = ["form.stale", "row.busy", "photo.busy"];
export const isRefusal = (error) => error instanceof Answered && error.status < 500 && error.status !== 429 && !PASSING.includes(error.code);

export const HOME = document.getElementById("field").dataset.home;
let csrf = null;
let active = 0; // the last time somebody touched the page: without anyone, a call does not keep the sign-in awake
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => (active = Date.now()), { passive: true, capture: true });

// `path` below the field page. Answers JSON; throws Unreachable, SignedOut or Answered.
export async function call(path, { method = "GET", body, headers = {}, seconds = 20, progress } = {}) {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), seconds * 1000);
  try {
    const answer = await fetch(HOME + path, {
      method, body, signal: ending.signal, redirect: "manual", cache: "no-store", credentials: "same-origin",
      headers: {
        Accept: "application/json", ...(Date.now() - active > 120_000 && { "X-Poll": "1" }),
        ...(method !== "GET" && { "X-CSRFToken": csrf ?? "" }), ...headers,
      },
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) throw new SignedOut();
    const text = progress ? await read(answer, progress) : await answer.text();
    const said = parsed(text);
    if (!answer.ok) throw new Answered(answer.status, said);
    if (said === null) throw new Unreachable("cut short"); // an answer that arrived in part is none
    return said;
  } catch (error) {
    if (error instanceof SignedOut || error instanceof Answered || error instanceof Unreachable) throw error;
    throw new Unreachable(error?.message ?? "");
  } finally {
    clearTimeout(timer);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function read(answer, progress) {
  const whole = Number(answer.headers.get("Content-Length")) || 0;
  const parts = [];
  let got = 0;
  for (const reader = answer.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    got += value.length;
    progress(whole ? Math.min(got / whole, 1) : null);
  }
  return new Blob(parts).text();
}

// A fresh CSRF token, who is signed in, and the server's time. Throws as `call` does.
export async function token() {
  const said = await call("token");
  csrf = said.csrf;
  return said;
}
