// The coupon's page: says that it is seen, keeps up with the truth, makes the barcode's bars whole pixels.
// Travels within the page (coupon_pages/inlined.py). Nothing newer than Chrome 80 and iOS 14: docs/coupon-page.md.
// Without it the page works by its plain forms alone; with it the page is never left, so that a network that is away
// in the middle of something never puts a browser's page of error in its place.
"use strict";
const data = document.body.dataset; // state, mark, seconds: what is shown; page, opened, status: addresses; away: words
const PATIENCE = 10000; // ms for an answer, after which it is asked for anew: all that is asked may be asked twice
const GIVE_UP = 120000; // ms after which a tap is not sent any more: nobody wants a countdown to begin an hour later
const PACE = { waiting: [250, 1.4, 2000], redeemed: [4000, 1.3, 60000] }; // ms: the first pause, its growth, the longest

const isSeen = () => document.visibilityState === "visible" && !document.prerendering;
const sleepers = new Set();
const wakeAll = () => { sleepers.forEach((wake) => wake()); sleepers.clear(); };
const rest = (pause) => new Promise((done) => {
  sleepers.add(done);
  setTimeout(() => { sleepers.delete(done); done(); }, pause);
});
const seen = () => (isSeen() ? Promise.resolve() : new Promise((done) => {
  const look = () => { if (isSeen()) { document.removeEventListener("visibilitychange", look); done(); } };
  document.addEventListener("visibilitychange", look);
  document.addEventListener("prerenderingchange", look, { once: true });
}));

// An answer, or null where none came; then the page says so.
async function ask(address, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(address, { cache: "no-store", signal: stop.signal, ...options });
    const text = await answer.text();
    const isAway = answer.status >= 500 || answer.status === 429;
    say(isAway ? data.away : "");
    return isAway ? null : { isGood: answer.ok, text };
  } catch (error) {
    say(data.away);
    return null;
  } finally {
    clearTimeout(timer);
  }
}
const JSON_PLEASE = { headers: { Accept: "application/json" } };

// A network that is not open yet (a shop's hot spot) answers with pages of its own: those are not the shop's word.
function parsed(text) {
  try { return JSON.parse(text); } catch (error) { return null; }
}

function say(words) {
  const line = document.getElementById("away");
  if (line.textContent !== words) line.textContent = words;
}

// Try until it is done, at growing pauses, sooner when the network is back; while the page is hidden nobody asks.
async function until(step) {
  for (let pause = 600; ; pause = Math.min(pause * 1.6, 8000)) {
    await seen();
    if (await step()) return;
    await rest(pause);
  }
}

// Show the page as it is now, in the place of this one.
async function renew() {
  const answer = await ask(data.page, { headers: { Accept: "text/html" } });
  if (!answer) return false;
  // Without its style: that carries another nonce than ours, and browsers would complain of it.
  const fresh = new DOMParser().parseFromString(answer.text.replace(/<style[^]*?<\/style>/, ""), "text/html");
  const main = fresh.querySelector("main.ticket");
  if (!main) return false;
  document.querySelector("main").replaceWith(document.importNode(main, true));
  for (const name of ["state", "mark", "seconds"]) data[name] = fresh.body.dataset[name] || "";
  scrollTo(0, 0);
  const title = document.querySelector("h1");
  if (title) title.focus({ preventScroll: true });
  begin();
  return true;
}

// Whether what is shown is still true; what is not is shown anew.
let checking = null;
function check() {
  if (busy) return Promise.resolve();
  if (!checking) checking = until(look).then(() => { checking = null; });
  return checking;
}
async function look() {
  const answer = await ask(data.status, JSON_PLEASE);
  if (!answer) return false;
  if (!answer.isGood) return renew();
  const told = parsed(answer.text);
  if (!told) return false;
  if (told.mark !== data.mark) return renew();
  data.seconds = told.seconds === null ? "" : told.seconds;
  count();
  return true;
}

// A tap on Redeem or on Verify: sent until it is answered; the shop does either once however often it is sent.
let busy = false;
async function send(form) {
  if (busy) return;
  busy = true;
  const button = form.querySelector("button");
  button.disabled = true;
  button.textContent = button.dataset.busy;
  const since = Date.now();
  await until(async () => Date.now() - since > GIVE_UP || ask(form.action, { method: "POST", ...JSON_PLEASE }));
  await until(renew);
  busy = false;
  try { localStorage.setItem("tessera", String(Date.now())); } catch (error) { /* other tabs find out by themselves */ }
}

// The time until the page changes by itself: the server's count, not the phone's clock, which may be wrong.
let ends = 0, ticking = 0;
function count() {
  ends = data.seconds ? performance.now() + data.seconds * 1000 : 0;
  tick();
}
function tick() {
  clearTimeout(ticking);
  if (!ends) return;
  const seconds = Math.round((ends - performance.now()) / 1000);
  if (seconds <= 0) { ends = 0; check(); return; }
  const left = document.getElementById("left");
  if (left) left.textContent = `${left.dataset.words} ${inWords(seconds, left.dataset.days)}`;
  ticking = setTimeout(tick, left && seconds < 172800 ? 1000 : Math.min(seconds * 1000, 3600000));
}
function inWords(seconds, days) {
  if (seconds >= 172800) return days.replace("{count}", Math.floor(seconds / 86400));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

// Bars of whole device pixels, the widest that fit, beginning at a whole one.
function fit() {
  for (const svg of document.querySelectorAll("svg[data-modules]")) {
    const box = svg.parentElement.getBoundingClientRect(), ratio = devicePixelRatio;
    if (!box.width) continue; // folded away: whole CSS pixels, as it was drawn
    const modules = Number(svg.dataset.modules), room = svg.closest(".qr") ? Math.min(box.width, 264) : box.width;
    const width = (modules * Math.max(1, Math.floor((room * ratio) / modules))) / ratio;
    svg.style.width = `${width}px`;
    svg.style.marginLeft = `${Math.round((box.left + (box.width - width) / 2) * ratio) / ratio - box.left}px`;
  }
  for (const svg of document.querySelectorAll("svg[data-along]")) {
    const modules = Number(svg.dataset.along), room = innerHeight - 60;
    svg.style.height = `${(modules * Math.max(1, Math.floor((room * devicePixelRatio) / modules))) / devicePixelRatio}px`;
  }
}

// Copy, and where the browser cannot: select the serial, so that a long press does it.
async function copy(button) {
  const serial = document.getElementById("serial");
  let isCopied = false;
  if (navigator.clipboard) isCopied = await navigator.clipboard.writeText(serial.textContent).then(() => true, () => false);
  if (!isCopied) {
    getSelection().selectAllChildren(serial);
    isCopied = document.execCommand("copy");
  }
  document.getElementById("copied").textContent = isCopied ? button.dataset.copied : button.dataset.hold;
}

// The screen stays on while the code is shown, where the browser can; a browser lets go of it when the page is hidden.
let lock = null;
async function stayAwake() {
  if (!navigator.wakeLock || !isSeen()) return;
  if (data.state === "redeemed" && (!lock || lock.released)) lock = await navigator.wakeLock.request("screen").catch(() => null);
  else if (data.state !== "redeemed" && lock) { lock.release(); lock = null; }
}

// Other places may change the coupon: a queue that answers, a till that verifies, a person who takes it back.
let turn = 0;
async function keepUp() {
  const mine = ++turn;
  if (!PACE[data.state]) return;
  const [first, growth, longest] = PACE[data.state];
  for (let pause = first; ; pause = Math.min(pause * growth, longest)) {
    await rest(pause);
    await seen();
    if (mine !== turn) return;
    await check();
  }
}

// What is shown anew begins anew.
function begin() {
  document.querySelectorAll("form").forEach((form) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  }));
  const button = document.getElementById("copy");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
  fit();
  count();
  stayAwake();
  keepUp();
}

seen().then(() => fetch(data.opened, { method: "POST", keepalive: true }).catch(() => {}));
begin();
addEventListener("resize", fit);
addEventListener("online", wakeAll);
addEventListener("storage", check);
addEventListener("pageshow", (event) => { if (event.persisted) check(); });
document.addEventListener("visibilitychange", () => { if (isSeen()) { wakeAll(); stayAwake(); check(); } });
