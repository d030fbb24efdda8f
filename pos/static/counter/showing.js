// Answers as people see them: a colour, a sign, words, and the coupon they are about.
const SIGNS = { yes: "✓", no: "✕", warn: "!", found: "" };
const LONG = 20; // characters, as of a link
const LOOKS = { yes: "verified", no: "refused", warn: "warned", found: "" };

const counter = document.getElementById("counter");
const words = JSON.parse(document.getElementById("words").textContent);
const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: counter.dataset.zone, dateStyle: "short", timeStyle: "short" });

export const say = (name, filled = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => filled[key] ?? "");
export const time = (at) => clock.format(new Date(at));

// A time is read in one piece.
function put(place, text) {
  const parts = String(text).split(/(\d{4}-\d\d-\d\d \d\d:\d\d)/);
  place.replaceChildren(...parts.map((part, number) => number % 2 ? Object.assign(document.createElement("span"), { className: "time", textContent: part }) : part));
}

function fill(card, slots) {
  for (const name of ["serial", "verify", "trust"]) card.querySelector(`[data-slot=${name}]`).dataset.testid = name;
  for (const [name, text] of Object.entries(slots)) {
    const place = card.querySelector(`[data-slot=${name}]`);
    if (text) put(place, text);
    else {
      card.querySelector(`[data-of=${name}]`)?.remove();
      (place.closest("dd") ?? place).remove();
    }
  }
}

export const spaced = (reference) => reference && `${reference.slice(0, 4)}-${reference.slice(4)}`;
const verifiedBy = (coupon) => coupon.verified_at && [time(coupon.verified_at), coupon.verified_in, coupon.verified_by ?? say("on_page")].filter(Boolean).join(" · ");

// `acts`: verify, trust, undo, each a function where there is such a button; whose: what is sent to find the customer by.
export function card({ tone, title, code, kind, coupon = {}, note, until }, acts = {}) {
  const made = document.getElementById("card").content.cloneNode(true).firstElementChild;
  if (LOOKS[tone]) made.classList.add(LOOKS[tone]);
  made.dataset.testid = kind;
  made.dataset.tone = tone;
  if (code) made.dataset.reason = code;
  fill(made, {
    sign: SIGNS[tone], title, note, code, reference: spaced(coupon.reference),
    campaign: title === coupon.campaign ? "" : coupon.campaign,
    serial: coupon.serial,
    contact: coupon.coupon_id && (coupon.contact || say("no_name")),
    redeemed_at: coupon.redeemed_at && time(coupon.redeemed_at),
    used_from: coupon.used_from && time(coupon.used_from),
    expires_at: coupon.expires_at && time(coupon.expires_at),
    verified: verifiedBy(coupon),
    instructions: coupon.instructions,
    undo_until: until && say("undo_until", { time: time(until).slice(11) }),
  });
  if (coupon.serial?.length > LONG) made.querySelector("[data-slot=serial]").classList.add("long");
  if (!coupon.instructions) made.querySelector("[data-slot=terms]").remove();
  for (const name of ["verify", "trust"]) {
    const button = made.querySelector(`[data-slot=${name}]`);
    if (acts[name]) button.addEventListener("click", () => once(button, acts[name]));
    else button.remove();
  }
  const whose = made.querySelector("[data-slot=whose]");
  if (!acts.whose) whose.remove();
  for (const [name, value] of Object.entries(acts.whose ?? {})) whose.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  const undo = made.querySelector("[data-slot=undo]");
  if (!acts.undo) undo.remove();
  else undo.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    once(undo.querySelector("button"), () => acts.undo(undo.querySelector("input").value));
  });
  return made;
}

// A second tap while the first is under way does nothing.
async function once(button, act) {
  if (button.disabled) return;
  button.disabled = true;
  try { await act(); } finally { button.disabled = false; }
}

export function show(...cards) {
  document.getElementById("answer").replaceChildren(...cards);
  const buttons = document.querySelectorAll('#answer [data-testid="verify"]');
  const field = document.getElementById("entered");
  if (buttons.length === 1) buttons[0].focus({ preventScroll: true });
  else if (matchMedia("(pointer: coarse)").matches) field.blur(); // a phone would open its keyboard over the answer
  else field.focus({ preventScroll: true });
  // The line to the shop stays above the field, and covers nothing of it, however many rows it has.
  document.documentElement.style.scrollPaddingTop = `${document.getElementById("line").offsetHeight + 16}px`;
  document.getElementById("find").scrollIntoView(); // the answer stands at the same place for each customer
}

export function list(place, items, line) {
  place.replaceChildren(...items.map((item) => Object.assign(document.createElement("li"), { textContent: line(item) })));
}
