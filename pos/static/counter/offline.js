// Looking up and verifying without a network, by what the device keeps; the same answers as the shop's, so far as it can know.
import { find, unpack } from "./codes.js";
import { enqueue, queue, read } from "./keeping.js";
import { say, time } from "./showing.js";
import { reference, variants } from "./spelling.js";

async function list() {
  const bytes = await read("codes");
  return bytes ? unpack(bytes) : null;
}

export async function findOffline(entered) {
  const kept = await list();
  const found = kept ? await find(kept, entered) : { rows: [], isFixed: false };
  const used = await usedHere(kept, { entered, row: found.rows.length === 1 ? found.rows[0].at : null });
  if (used) return refused("already_verified", say("used_here", { time: time(used.at) }), "no", entered);
  if (found.isFixed || found.rows.length > 1) return { outcome: "ambiguous", sentence: say("ask_reference"), tone: "warn", coupons: [] };
  if (!found.rows.length) return { outcome: "not_listed", sentence: say(missing(kept)), tone: "warn", coupons: [], note: "" };
  const { campaign, expires } = found.rows[0];
  const coupon = { serial: entered, campaign: campaign.name, instructions: campaign.instructions, used_from: campaign.used_from, expires_at: expires?.toISOString() };
  const now = new Date();
  if (expires && now >= expires) return refused("expired", say("outcome.expired"), "no", entered, coupon);
  if (campaign.used_from && now < new Date(campaign.used_from)) return refused("not_yet_valid", say("outcome.not_yet_valid"), "warn", entered, coupon);
  return { outcome: "found", sentence: campaign.name, tone: "yes", coupons: [{ ...coupon, refusal: null }] };
}

const missing = (kept) => (!kept ? "no_list" : kept.is_whole ? "not_listed" : "not_listed_cut");

function refused(outcome, sentence, tone, entered, coupon = { serial: entered }) {
  return { outcome, sentence, tone, coupons: [{ ...coupon, refusal: outcome }] };
}

// Kept before anybody is told "yes". What is verified twice here is refused, whatever the list says.
export async function verifyOffline(coupon, entered, at, who, isTrusted) {
  const kept = await list();
  const rows = kept ? (await find(kept, entered)).rows : [];
  const used = await usedHere(kept, { entered, coupon_id: coupon.coupon_id, reference: coupon.reference, row: rows.length === 1 ? rows[0].at : null });
  if (used) return { outcome: "already_verified", sentence: say("used_here", { time: time(used.at) }), tone: "no", coupon };
  await enqueue({
    nonce: crypto.randomUUID(), state: "waiting", at, entered, isTrusted,
    coupon_id: coupon.coupon_id ?? null, reference: coupon.reference ?? "", campaign: coupon.campaign ?? "",
    user_id: who?.user_id ?? null, user: who?.user ?? "", store_id: who?.store_id ?? null,
  });
  return { outcome: "verified", sentence: say("verified_offline"), tone: "yes", coupon: { ...coupon, serial: coupon.serial ?? entered }, note: say("told_later") };
}

// Whether this device has verified the same coupon, by whatever of it was entered then.
async function usedHere(kept, { entered, coupon_id: couponId, reference: named, row }) {
  const spelled = new Set([...variants(entered), reference(entered), ...(named ? [named] : [])]);
  for (const item of await queue()) {
    if (couponId && item.coupon_id === couponId) return item;
    if (!(couponId && item.coupon_id) && [...variants(item.entered), reference(item.entered), item.reference].some((one) => one && spelled.has(one))) return item;
    if (kept && row !== null && (await find(kept, item.entered)).rows.some((one) => one.at === row)) return item;
  }
  return null;
}
