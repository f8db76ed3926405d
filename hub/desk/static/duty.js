// The duty page's facts, drawn anew; what has been typed stays, and where the cursor is all does.
import { drafts, putBack } from "./drafts.js";

const EACH_MS = 3000;
const LOST_MS = 4500; // within five seconds the page says that it stands still
let seen = performance.now();
const stale = document.getElementById("stale");

function renew(part, fresh) {
  if (!fresh || part.contains(document.activeElement) || same(part, fresh)) return;
  const kept = drafts(part);
  const open = [...part.querySelectorAll("details[open]")].map((each) => each.id);
  part.replaceChildren(...fresh.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  putBack(part, kept);
}

// the random ids of forms differ each time, and mean nothing
function same(one, other) {
  const bare = (part) => part.innerHTML.replace(/ open=""/g, "").replace(/name="id" value="\w*"/g, "");
  return bare(one) === bare(other);
}

async function look() {
  const next = performance.now() + EACH_MS;
  try {
    const response = await fetch("/duty?live", { signal: AbortSignal.timeout(EACH_MS) });
    if (response.redirected || response.status === 401) location.assign("/login?over");
    if (!response.ok) throw new Error(response.status);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const { name } = fresh.getElementById("live-untaken").dataset;
    if (name !== document.body.dataset.name) { location.replace("/duty"); return; } // another has the post
    for (const part of document.querySelectorAll(".live")) renew(part, fresh.getElementById(part.id));
    seen = performance.now();
  } catch {
    // the metronome says so
  }
  setTimeout(look, Math.max(500, next - performance.now()));
}

function tick() {
  stale.hidden = performance.now() - seen <= LOST_MS;
}

const metronome = new Worker("/static/watchdog.js");
metronome.onmessage = tick;
metronome.onerror = () => setInterval(tick, 500);

// all sites, or single ones: never both
document.addEventListener("change", ({ target }) => {
  if (target.name !== "where" || !target.checked) return;
  for (const each of target.form.elements.where)
    if ((each.value === "all") !== (target.value === "all")) each.checked = false;
});

setTimeout(look, EACH_MS);
