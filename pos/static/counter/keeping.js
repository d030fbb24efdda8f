// What the device keeps by itself, in IndexedDB: the list to verify by, who works here, and the queue of what it has to tell.
const NAME = "counter";
const STORES = { kept: undefined, queue: "nonce" };

let opened;

function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(store, keyPath ? { keyPath } : undefined);
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

// Done once the transaction is: what is then said to be kept survives a closed browser.
async function within(store, mode, act) {
  const database = await open();
  return new Promise((done, failed) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const asked = act(transaction.objectStore(store));
    transaction.oncomplete = () => done(asked?.result);
    transaction.onabort = transaction.onerror = () => failed(transaction.error);
  });
}

export const read = (key) => within("kept", "readonly", (store) => store.get(key));
export const keep = (key, value) => within("kept", "readwrite", (store) => store.put(value, key));

// A store's device that locks keeps the list, which names nobody, for the next one there: without a network nobody could sign in
// and fetch another. Who stood there has gone.
export async function lock() {
  const who = await read("who");
  if (who) await keep("who", { store_id: who.store_id, store: who.store, user_id: null, user: "" });
}

// Whoever logs out leaves nothing but the queue: what was verified has still to be told.
export async function forget() {
  await within("kept", "readwrite", (store) => store.clear());
  const told = (await queue()).filter((item) => item.state !== "waiting");
  for (const item of told) await drop(item.nonce);
}

export const queue = () => within("queue", "readonly", (store) => store.getAll());
export const enqueue = (item) => within("queue", "readwrite", (store) => store.put(item));
export const drop = (nonce) => within("queue", "readwrite", (store) => store.delete(nonce));
