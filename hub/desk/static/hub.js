// How the page speaks to the hub: one try with a deadline, or the same words until it answers.

const ANSWER_MS = 10000;
const AGAIN_MS = 1000;
const token = document.querySelector("meta[name=token]").content;

export const random = (bytes) =>
  [...crypto.getRandomValues(new Uint8Array(bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");

let relieving = false;
let left = false;

/** Where a session has ended there is nothing to show but the login. */
export function leave() {
  left = true;
  if (!relieving) location.assign("/login?over");
}

/** People change places: the session ends, another begins with the answer, and the page is drawn
 * anew. What is heard meanwhile of the old session's end sends nobody to the login. */
export async function relieve(path, value) {
  relieving = true;
  const answer = await post(path, value);
  if (answer?.code === "ok") {
    sessionStorage.setItem("relieved", answer.say);
    location.reload();
    return answer;
  }
  relieving = false;
  if (left) leave();
  return answer;
}

/** -> whether the hub has taken it: only then may a page be drawn anew. */
export async function setLanguage(language) {
  try {
    const body = new URLSearchParams({ language });
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch("/language", { method: "POST", body, redirect: "manual", signal });
    return answer.type === "opaqueredirect";
  } catch {
    return false;
  }
}

async function ask(path, options) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), ANSWER_MS);
  try {
    const response = await fetch(path, { ...options, signal: control.signal });
    if (response.status === 401) leave();
    return response.ok || response.status < 500 ? await response.json() : null;
  } catch {
    return null; // no contact: the watchdog says so
  } finally {
    clearTimeout(timer);
  }
}

/** -> the answer, or null when there was none. */
export const get = (path) => ask(path, {});

/** -> the answer, or null when there was none. */
export function post(path, value, more = {}) {
  const headers = { "Content-Type": "application/json", "X-Qianshao-Token": token, ...more };
  return ask(path, { method: "POST", headers, body: JSON.stringify(value) });
}

/** Send it until it is answered; `again(n)` is told before each further sending. */
export async function insist(path, value, again, headers = {}) {
  for (let attempt = 1; ; attempt++) {
    const answer = await post(path, value, headers);
    if (answer) return answer;
    again(attempt + 1);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
