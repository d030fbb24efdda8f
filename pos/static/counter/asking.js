// Asking the shop: a request that brings no answer in time, or one that says the shop is away, means that there is no network.
const PATIENCE = 4000; // milliseconds; the customer is waiting
const AWAY = [502, 503, 504, 429];

export class Away extends Error {}
export class SignedOut extends Error {
  constructor(isLocked) {
    super();
    this.isLocked = isLocked; // a store's device, on which the next one signs in
  }
}

let csrf = "";
export const useToken = (token) => { csrf = token; };
export const token = () => csrf;

// What the page asks of itself says so: it keeps nobody signed in who has gone away.
export async function ask(path, told, { patience = PATIENCE, isBackground = false } = {}) {
  if (!navigator.onLine) throw new Away();
  const answer = await request(path, told, patience, isBackground ? { "X-Background": "yes" } : {});
  if (answer.type === "opaqueredirect") throw new SignedOut(false);
  if (answer.status === 401) throw new SignedOut((await answer.json().catch(() => ({}))).is_locked === true);
  if (AWAY.includes(answer.status)) throw new Away();
  return answer;
}

async function request(path, told, patience, more) {
  const options = { redirect: "manual", cache: "no-store", headers: { Accept: "application/json", ...more }, signal: AbortSignal.timeout(patience) };
  if (told !== undefined) {
    options.method = "POST";
    options.body = JSON.stringify(told);
    Object.assign(options.headers, { "Content-Type": "application/json", "X-CSRFToken": csrf });
  }
  try {
    return await fetch(path, options);
  } catch (error) {
    throw new Away();
  }
}

// The body, too, may stop on its way.
export async function askJson(path, told, how) {
  const answer = await ask(path, told, how);
  try {
    return await answer.json();
  } catch (error) {
    throw new Away();
  }
}
