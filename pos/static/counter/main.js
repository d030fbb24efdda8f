// The counter: what is scanned, typed or read by the camera is looked up and verified at the shop, or by what the device keeps.
import { Away, SignedOut, askJson, token } from "./asking.js";
import * as camera from "./camera.js";
import * as line from "./line.js";
import { findOffline, verifyOffline } from "./offline.js";
import { listen } from "./scanner.js";
import { card, say, show, spaced } from "./showing.js";
import * as sounds from "./sound.js";
import { normal } from "./spelling.js";
import "./leaving.js";

const base = document.getElementById("counter").dataset.base;
const field = document.getElementById("entered");
const form = document.getElementById("find");
const OF_SOMEBODY = ["unknown_coupon", "not_redeemed"]; // what was entered may be a name, or of a coupon that staff can claim
const SAME = { yes: "verified", no: "refused", warn: "refused" };

let current = 0; // the look-up whose answer is shown; what comes later of another is not

async function look(given) {
  const entered = normal(given);
  field.value = "";
  if (!entered) return;
  const mine = ++current;
  const answer = await attempt(() => askJson(`${base}find`, { entered: given }), () => findOffline(entered));
  if (mine === current && answer) showFound(answer, given);
}

// What the shop answers, or what the device says without it.
async function attempt(asking, without) {
  await line.known();
  if (line.isOnline()) {
    try {
      return await asking();
    } catch (error) {
      if (error instanceof SignedOut) {
        await line.signedOut(error.isLocked);
        return signedOut();
      }
      if (!(error instanceof Away)) throw error;
      line.lost();
    }
  }
  return line.who() ? without() : signedOut(); // in which store it would be, nobody knows
}

function signedOut() {
  sounds.sound("no");
  show(card({ tone: "no", title: say("signed_out_found"), code: "signed_out", kind: "refused" }));
  return null;
}

function showFound({ outcome, sentence, tone, coupons = [], note }, entered) {
  if (!outcome) return broken();
  const good = coupons.length === 1 && !coupons[0].refusal;
  sounds.sound(good ? "found" : tone);
  if (coupons.length === 1) return show(found(coupons[0], entered, { outcome, sentence, tone, note }));
  const acts = outcome === "not_listed" ? { trust: () => verify({ serial: entered }, entered, true) } : {};
  if (OF_SOMEBODY.includes(outcome)) acts.whose = { entered, csrf_token: token() };
  const head = card({ tone, title: sentence, code: outcome, kind: coupons.length ? "several" : "refused", coupon: { serial: coupons.length ? "" : entered }, note }, acts);
  return show(head, ...coupons.map((coupon) => oneOf(coupon, entered)));
}

// Of several with one serial the customer's name and the reference on their page tell which.
function oneOf(coupon, entered) {
  const shown = { ...coupon, serial: spaced(coupon.reference), reference: "", contact: "", coupon_id: null };
  const acts = coupon.refusal ? {} : { verify: () => verify(coupon, entered) };
  return card({ tone: coupon.refusal ? "no" : "found", title: coupon.contact || say("no_name"), code: coupon.refusal, kind: "coupon", coupon: shown }, acts);
}

function found(coupon, entered, { outcome, sentence, tone, note }) {
  if (coupon.refusal) return card({ tone, title: sentence, code: outcome, kind: "coupon", coupon, note });
  return card({ tone: "found", title: coupon.campaign, kind: "coupon", coupon, note }, { verify: () => verify(coupon, entered) });
}

async function verify(coupon, entered, isTrusted = false) {
  const mine = ++current;
  const at = new Date().toISOString();
  const asking = () => askJson(`${base}verify`, { coupon_id: coupon.coupon_id, reference: coupon.reference, entered, device_at: at });
  const without = () => verifyOffline(coupon, entered, at, line.who(), isTrusted);
  const answer = coupon.coupon_id ? await attempt(asking, without) : await without();
  line.refresh();
  if (mine !== current || !answer) return;
  if (!answer.outcome) return broken();
  const { outcome, sentence, tone, note, undo_until: until } = answer;
  sounds.sound(tone);
  const about = answer.coupon ?? coupon;
  const acts = until ? { undo: (reason) => undo(about, reason) } : {};
  show(card({ tone, title: sentence, code: tone === "yes" ? "" : outcome, kind: SAME[tone], coupon: about, note, until }, acts));
}

async function undo(coupon, reason) {
  const mine = ++current;
  const answer = await attempt(() => askJson(`${base}undo`, { coupon_id: coupon.coupon_id, reference: coupon.reference, reason }), () => ({ outcome: "no_network", sentence: say("undo_offline"), tone: "warn" }));
  if (mine !== current || !answer) return; // whoever was signed out has been told so
  if (!answer.outcome) return broken();
  sounds.sound(answer.tone);
  show(card({ tone: answer.tone, title: answer.sentence, code: answer.outcome, kind: "undone", coupon: answer.coupon ?? coupon }));
}

function broken() {
  sounds.sound("no");
  show(card({ tone: "no", title: say("broken"), kind: "refused" }));
}

const guarded = (act) => (...given) => act(...given).catch((error) => { console.error(error); broken(); });
const lookUp = guarded(look);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  lookUp(field.value);
});
listen(field, lookUp);

const scan = document.getElementById("scan");
const picture = document.getElementById("camera");
if (camera.isThere()) scan.hidden = false;
scan.addEventListener("click", async () => {
  picture.hidden = false;
  scan.hidden = true;
  try {
    const code = await camera.scan(picture.querySelector("video"));
    if (code) lookUp(code);
  } catch (error) {
    console.error(error);
    camera.close();
    sounds.sound("warn");
    show(card({ tone: "warn", title: say("no_camera"), kind: "refused" }));
  }
  picture.hidden = true;
  scan.hidden = false;
});
document.getElementById("camera-close").addEventListener("click", camera.close);
document.addEventListener("visibilitychange", () => { if (document.hidden) camera.close(); });

const button = document.querySelector('#answer [data-testid="verify"]');
if (button && document.querySelectorAll('#answer [data-testid="verify"]').length === 1) button.focus();
else field.focus();
line.begin();
