// The line to the shop: whether there is one, what the device keeps for when there is none, and what it has still to tell.
import { Away, SignedOut, ask, askJson, useToken } from "./asking.js";
import { drop, enqueue, forget, keep, lock, queue, read } from "./keeping.js";
import { list, say, time } from "./showing.js";
import * as sounds from "./sound.js";
import { conflicts, isOld, tellAll, waiting } from "./telling.js";

const ROUND = 15000; // milliseconds between two looks at the line
const LIST_AGE = 5 * 60 * 1000; // after which the list is fetched anew
const OLD = 60 * 60 * 1000; // after which its age is a warning
const LIST_PATIENCE = 60000;

const counter = document.getElementById("counter");
const at = (id) => document.getElementById(id);
const path = (name) => `${counter.dataset.base}offline/${name}`;

let state = "asking"; // or online, offline, signed_out
let someone;
const remembered = read("who").then((who) => { someone ??= who; }).catch(console.error);

export const isOnline = () => state !== "offline";
// Before the first look it has no token to ask with: an answer to that would read as if nobody were signed in.
export const known = async () => {
  await remembered;
  if (state === "asking") await round();
};
export const who = () => someone;

export function lost() { turn("offline"); }
export async function signedOut(isLocked) {
  await (isLocked ? lock() : forget());
  someone = await read("who");
  turn("signed_out");
}

function turn(next) {
  state = next;
  refresh();
}

export async function begin() {
  at("line").hidden = false;
  at("sound").addEventListener("click", () => { sounds.turn(!sounds.isOn()); showSound(); });
  at("conflicts-seen").addEventListener("click", seen);
  showSound();
  await remembered;
  navigator.storage?.persist?.();
  for (const kind of ["online", "offline"]) window.addEventListener(kind, round);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) round(); });
  setInterval(round, ROUND);
  await round();
  install();
}

let under; // one round at a time; whoever comes meanwhile waits for it
export function round() {
  under ??= look().catch(console.error).finally(() => { under = undefined; refresh(); });
  return under;
}

async function look() {
  try {
    const told = await askJson(path("state"), undefined, { isBackground: true });
    if (!told.csrf) throw new Away();
    useToken(told.csrf);
    const { csrf, ...person } = told;
    someone = person;
    await keep("who", person);
    state = "online";
    if (isSecureContext) { // else there is neither a worker nor anything to make digests with
      await tell();
      await fetchList();
    }
  } catch (error) {
    if (error instanceof SignedOut) {
      await signedOut(error.isLocked);
    } else if (error instanceof Away) state = "offline";
    else throw error;
  }
}

async function tell() {
  const before = (await conflicts()).length;
  try {
    await tellAll(someone.store_id, path("told"));
  } finally {
    if ((await conflicts()).length > before) sounds.sound("no");
    for (const item of (await queue()).filter(isOld)) await drop(item.nonce);
  }
}

async function fetchList() {
  const kept = await read("codes_at");
  const isOthers = (await read("codes_store")) !== someone.store_id;
  if (kept && !isOthers && Date.now() - Date.parse(kept) < LIST_AGE) return;
  const answer = await ask(path("codes"), undefined, { patience: LIST_PATIENCE, isBackground: true });
  if (!answer.ok) return;
  const bytes = await answer.arrayBuffer().catch(() => { throw new Away(); });
  await keep("codes", bytes);
  await keep("codes_at", new Date().toISOString());
  await keep("codes_store", someone.store_id);
}

async function seen() {
  for (const item of await conflicts()) await enqueue({ ...item, state: "told" });
  refresh();
}

export async function refresh() {
  const wait = await waiting();
  const kept = await read("codes_at");
  const age = kept ? Date.now() - Date.parse(kept) : Infinity;
  at("line").dataset.state = state;
  at("sign-in").hidden = state !== "signed_out";
  at("sound").hidden = state === "signed_out";
  at("line").dataset.old = age > OLD;
  at("line-state").textContent = say(state);
  at("line-list").textContent = aged(kept, age);
  at("line-waits").textContent = wait.length ? say("waits", { n: wait.length }) : say("none_waits");
  at("line").dataset.waits = wait.length;
  at("queue").hidden = !wait.length;
  at("queue-count").textContent = wait.length;
  list(at("queue").querySelector("ul"), wait, (item) => {
    return [item.entered, item.campaign, time(item.at), item.user, someone && item.store_id !== someone.store_id && say("other_store")].filter(Boolean).join(" · ");
  });
  const trouble = await conflicts();
  at("conflicts").hidden = !trouble.length;
  list(at("conflicts").querySelector("ul"), trouble, (item) => {
    const { sentence, first_at: first, first_store: store, first_by: user } = item.answer;
    const told = say("conflict", { entered: `${item.entered} (${time(item.at)}, ${item.user})`, sentence });
    return first ? `${told} ${say("conflict_first", { time: time(first), store: store ?? "", user: user ?? "" })}` : told;
  });
}

function aged(kept, age) {
  if (!kept) return say("no_list");
  const minutes = Math.floor(age / 60000);
  if (minutes < 1) return say("list_now");
  return minutes < 120 ? say("list_minutes", { n: minutes, time: time(kept) }) : say("list_hours", { n: Math.floor(minutes / 60), time: time(kept) });
}

function showSound() {
  at("sound").textContent = say(sounds.isOn() ? "sound_on" : "sound_off");
  at("sound").setAttribute("aria-pressed", sounds.isOn());
}

// A new version waits until no customer is being served, and then takes over whole.
async function install() {
  if (!("serviceWorker" in navigator)) return;
  const isFirst = !navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (!isFirst) location.reload(); });
  const registration = await navigator.serviceWorker.register(`${counter.dataset.base}worker.js`, { scope: counter.dataset.base });
  setInterval(() => {
    const isBusy = document.querySelector("#answer [data-testid=coupon], #camera:not([hidden])") || at("entered").value;
    if (registration.waiting && !isBusy) registration.waiting.postMessage("take over");
  }, 2000);
}
