// On a store's device: after so many seconds in which nobody touches it the page locks, as the server does by itself.
// What somebody does here without asking the server for anything is told to it, so that both count from the same touch.
// Without a network nobody could sign in again, so it locks once the server can be reached.
import { lock as nobodyStandsHere } from "./counter/keeping.js";

const form = document.querySelector("form[data-idle-seconds]");
const idle = Number(form.dataset.idleSeconds) * 1000;
const token = form.querySelector('[name="csrf_token"]').value;
let touched = Date.now();
let told = touched;

async function tell() {
  told = touched;
  const answer = await fetch(form.dataset.awake, { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" } }).catch(() => null);
  if (answer && (answer.status === 401 || answer.status === 400)) leave();
}

async function leave() {
  await nobodyStandsHere().catch(() => {});
  location.replace(`${form.dataset.signIn}?next=${encodeURIComponent(location.pathname)}`);
}

async function lock() {
  const answer = await fetch(form.action, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" }).catch(() => null);
  if (answer) leave();
}

function touch() {
  const now = Date.now();
  if (now - touched >= idle && navigator.onLine) { look(); return; }
  touched = now;
  if (now - told > idle / 4) tell();
}

function look() { if (Date.now() - touched >= idle) lock(); }

for (const kind of ["pointerdown", "keydown", "wheel"]) document.addEventListener(kind, touch, { passive: true, capture: true });
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await nobodyStandsHere().catch(() => {});
  form.submit();
});
window.addEventListener("online", look);
setInterval(look, 5000);
