// Asking the shop: a request that brings no answer in time, or one that says the shop is away, means that there is no network.
const PATIENCE = 4000; // milliseconds; the customer is waiting
const AWAY = [502, 503, 504, 429];

export class Away extends Error {}
export class SignedOut extends Error {}

let csrf = "";
export const useToken = (token) => { csrf = token; };

export async function ask(path, told, patience = PATIENCE) {
  if (!navigator.onLine) throw new Away();
  const answer = await request(path, told, patience);
  if (answer.status === 401 || answer.type === "opaqueredirect") throw new SignedOut();
  if (AWAY.includes(answer.status)) throw new Away();
  return answer;
}

async function request(path, told, patience) {
  const options = { redirect: "manual", cache: "no-store", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(patience) };
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
export async function askJson(path, told, patience) {
  const answer = await ask(path, told, patience);
  try {
    return await answer.json();
  } catch (error) {
    throw new Away();
  }
}
