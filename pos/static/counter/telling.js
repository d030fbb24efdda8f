// The queue is told to the shop: oldest first, in parts; an item leaves the queue only once its own answer is there. What is
// told twice counts once there, so a part whose answer was lost is simply told again.
import { Away, askJson } from "./asking.js";
import { enqueue, queue } from "./keeping.js";

const AT_ONCE = 50;
const REMEMBERED = 48 * 3600 * 1000; // milliseconds for which a told one is still known to this device
const PATIENCE = 30000;

export const waiting = async () => (await queue()).filter((item) => item.state === "waiting").sort((a, b) => a.at.localeCompare(b.at));
export const conflicts = async () => (await queue()).filter((item) => item.state === "conflict");

// One tab tells at a time.
export function tellAll(storeId, path) {
  return navigator.locks.request("counter-telling", { ifAvailable: true }, async (lock) => {
    const items = lock ? (await waiting()).filter((item) => item.store_id === storeId) : [];
    while (items.length) await tell(items.splice(0, AT_ONCE), path);
  });
}

async function tell(items, path) {
  const told = items.map(({ nonce, entered, coupon_id, at, user_id, store_id }) => ({ nonce, entered, coupon_id, at, user_id, store_id }));
  const { taken } = await askJson(path, { items: told }, { patience: PATIENCE, isBackground: true });
  if (!taken) throw new Away();
  const answers = new Map(taken.map((one) => [one.nonce, one]));
  for (const item of items) {
    const answer = answers.get(item.nonce);
    if (answer) await enqueue({ ...item, state: answer.is_conflict ? "conflict" : "told", answer });
  }
}

export const isOld = (item) => item.state === "told" && Date.now() - Date.parse(item.at) > REMEMBERED;
