// The list by which coupons are verified without a network (pos/offline.py, core/offline_codes.py): rows of 14 bytes, namely
// 4 of the serial's digest, 4 of the reference's, 4 of the expiry (seconds since 1970, 0: none), 2 of the campaign's place.
import { reference, variants } from "./spelling.js";

const REFERENCE = 4;
const EXPIRY = 8;
const CAMPAIGN = 12;

export function unpack(bytes) {
  const view = new DataView(bytes);
  const length = view.getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  const salt = Uint8Array.from(head.salt.match(/../g), (pair) => parseInt(pair, 16));
  return { ...head, salt, view: new DataView(bytes, 4 + length) };
}

// The first 4 bytes of SHA-256 over salt and code, as a number.
async function digest(salt, code) {
  const text = new TextEncoder().encode(code);
  const whole = new Uint8Array(salt.length + text.length);
  whole.set(salt);
  whole.set(text, salt.length);
  return new DataView(await crypto.subtle.digest("SHA-256", whole)).getUint32(0);
}

const hex = (digested) => digested.toString(16).padStart(8, "0");

// The coupons that were entered: none, one, or several where campaigns share a serial. 100,000 rows take about a millisecond.
// `isFixed`: a serial that many customers have, of whom a reference alone tells which.
export async function find(list, entered) {
  const spelled = await Promise.all(variants(entered).map((code) => digest(list.salt, code)));
  const read = await digest(list.salt, reference(entered));
  const found = [];
  for (let at = 0; at < list.view.byteLength; at += list.row) {
    const spelling = spelled.indexOf(list.view.getUint32(at));
    const isReference = list.view.getUint32(at + REFERENCE) === read;
    if (spelling >= 0 || isReference) found.push({ at, rank: spelling < 0 ? Infinity : spelling });
  }
  const best = Math.min(...found.map((one) => one.rank));
  const digests = spelled.map(hex);
  const isFixed = list.campaigns.some((campaign) => campaign.fixed.some((one) => digests.includes(one)));
  return { isFixed: isFixed && !found.length, rows: found.filter((one) => one.rank === best).map((one) => row(list, one.at)) };
}

function row(list, at) {
  const expiry = list.view.getUint32(at + EXPIRY);
  const campaign = list.campaigns[list.view.getUint16(at + CAMPAIGN)];
  return { at, campaign, expires: expiry ? new Date(expiry * 1000) : null };
}
