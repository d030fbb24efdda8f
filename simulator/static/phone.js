// The phone: who one is, the chat as the platform delivered it, the in-app browser, and the traffic beside it.
import { bubble, quickReplies } from "./bubbles.js";
import { closeMenus, drawMenus, forgetMenus, welcome } from "./menus.js";
import { change, show, word } from "./words.js";

const base = document.body.dataset.base;
const $ = (id) => document.getElementById(id);
const HINTS = { line: ["優惠", "coupon", "禮物", "gift"], messenger: ["coupon", "優惠", "gift", "禮物"] };
const ASK_EVERY = 400; // milliseconds

let everybody = [];
let me = null;
let seen = { bubbles: 0, traffic: 0 };
let asking = false;

async function ask(path, body, method = body ? "POST" : "GET") {
  const answer = await fetch(base + path, {
    method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body),
  });
  return answer.json();
}

async function act(action) {
  if (action.url) { openPage(action.url); return; }
  clearQuick();
  const { webhook_status: status, error } = await ask("api/act", { channel: me.channel, person: me.id, ...action });
  if (error) toast(error);
  else if (status !== 200) toast(word("unanswered", status));
  await refresh();
}

function openPage(url) {
  if (!/^https?:/.test(url)) { toast(url); return; } // tel: and line: belong to a phone's other apps
  $("browser").hidden = false;
  $("address").textContent = new URL(url).host;
  $("page").src = url;
  $("close").focus();
}

function closePage() {
  $("browser").hidden = true;
  $("page").src = "about:blank";
  $("text").focus();
}

function toast(words) {
  $("toast").textContent = words;
  $("toast").classList.add("on");
  setTimeout(() => $("toast").classList.remove("on"), 3000);
}

function clearQuick() { $("quick").replaceChildren(); }

async function choose(person) {
  me = person;
  seen = { bubbles: 0, traffic: seen.traffic };
  $("screen").dataset.look = me.channel;
  $("chat").replaceChildren();
  clearQuick();
  closeIfOpen();
  forgetMenus();
  drawPeople();
  await refresh();
}

function closeIfOpen() { if (!$("browser").hidden) closePage(); }

function drawPeople() {
  for (const button of document.querySelectorAll("[data-channel]")) {
    button.setAttribute("aria-pressed", String(button.dataset.channel === me.channel));
  }
  $("people").replaceChildren(...everybody.filter((one) => one.channel === me.channel).map((one) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "person";
    button.dataset.testid = "person";
    button.setAttribute("aria-pressed", String(one.id === me.id));
    const avatar = document.createElement("span");
    avatar.className = "avatar";
    avatar.setAttribute("aria-hidden", "true");
    avatar.style.background = one.color;
    avatar.textContent = one.name.slice(0, 1);
    const name = document.createElement("span");
    const more = document.createElement("small");
    more.textContent = one.language;
    name.append(one.name, more);
    button.append(avatar, name);
    button.addEventListener("click", () => choose(one));
    return button;
  }));
  $("hints").replaceChildren(...HINTS[me.channel].map((words) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", () => {
      $("screen").scrollIntoView({ block: "nearest" });
      act({ action: "text", text: words });
    });
    return button;
  }));
}

async function refresh() {
  if (!me || asking) return;
  asking = true;
  try {
    const of = me;
    const found = await ask(`api/chats/${of.channel}/${of.id}?after=${seen.bubbles}&traffic_after=${seen.traffic}`);
    if (of === me) { draw(found); drawTraffic(found.traffic); }
  } catch { /* the server is being restarted; the next round asks again */ } finally {
    asking = false;
  }
}

function draw({ person, frame, bubbles }) {
  const isFramedAnew = drawMenus(frame, act);
  if (isFramedAnew || $("chat").dataset.state !== `${person.is_friend} ${person.is_blocking}` || bubbles.length) {
    $("chat").querySelectorAll(".add, .welcome, .notice").forEach((part) => part.remove());
  }
  for (const { number, is_from_bot: isBot, body, at } of bubbles) {
    const line = document.createElement("li");
    line.className = isBot ? "theirs" : "mine";
    line.dataset.testid = isBot ? "bot-message" : "my-message";
    const time = document.createElement("time");
    time.textContent = clock(at);
    line.append(bubble(body, act), time);
    $("chat").append(line);
    drawQuick(isBot ? quickReplies(body) : []);
    seen.bubbles = number;
  }
  $("chat").dataset.state = `${person.is_friend} ${person.is_blocking}`;
  if (person.is_blocking && !$("chat").querySelector(".notice")) drawBlocked();
  if (!person.is_friend && !$("chat").children.length) drawFirstSight(frame);
  if (bubbles.length || isFramedAnew) $("chat").scrollTop = $("chat").scrollHeight;
  for (const image of $("chat").querySelectorAll("img:not([data-watched])")) {
    image.dataset.watched = "yes";
    image.addEventListener("load", () => { $("chat").scrollTop = $("chat").scrollHeight; });
  }
}

function drawFirstSight(frame) {
  if (me.channel === "messenger") { $("chat").append(welcome(frame, $("shop-name").textContent, act)); return; }
  const item = document.createElement("li");
  item.className = "add";
  item.append(pushButton("add-friend", "friend", "follow"));
  $("chat").append(item);
}

function drawBlocked() {
  const notice = document.createElement("li");
  notice.className = "notice";
  notice.append(word("blocked"), " ", pushButton("unblock", "unblock", "unblock"));
  $("chat").append(notice);
  $("chat").scrollTop = $("chat").scrollHeight;
}

function pushButton(testid, words, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.testid = testid;
  button.textContent = word(words);
  button.addEventListener("click", () => act({ action }));
  return button;
}

function drawQuick(replies) {
  $("quick").replaceChildren(...replies.map(({ label, act: action }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.dataset.testid = "quick-reply";
    button.addEventListener("click", () => act(action));
    return button;
  }));
}

function drawTraffic(entries) {
  for (const { number, direction, method, path, status, request, answer, at } of entries) {
    const item = document.createElement("li");
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    const [way, code, result, time] = ["span", "code", "span", "time"].map((name) => document.createElement(name));
    way.className = "way";
    way.textContent = direction === "sent" ? "→" : "←";
    way.title = direction;
    code.textContent = `${method} ${path}`;
    result.className = status >= 200 && status < 300 ? "status" : "status bad";
    result.textContent = status || "✕";
    time.textContent = clock(at);
    summary.append(way, code, result, time);
    details.append(summary, ...json("request", request), ...json("answer", answer));
    item.append(details);
    $("traffic").prepend(item);
    seen.traffic = number;
  }
  while ($("traffic").children.length > 100) $("traffic").lastChild.remove();
  $("empty").hidden = $("traffic").children.length > 0;
}

function json(name, body) {
  if (body === null || body === "") return [];
  const head = document.createElement("h3");
  head.textContent = word(name);
  const pre = document.createElement("pre");
  pre.textContent = typeof body === "string" ? body : JSON.stringify(body, null, 2);
  return [head, pre];
}

function clock(at) {
  return new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

const TOOLS = {
  block: () => act({ action: "block" }),
  redeliver: () => ask("api/redeliver", {}),
  "status-500": () => fault({ kind: "status", status: 500, code: 2 }),
  "status-429": () => fault({ kind: "status", status: 429, code: 613 }),
  drop: () => fault({ kind: "drop_after" }),
  clear: () => ask("api/faults", undefined, "DELETE"),
  day: () => ask("api/clock", { advance_seconds: 25 * 3600 }),
};

function fault(kind) { return ask("api/faults", { platform: me.channel, ...kind }); }

for (const button of document.querySelectorAll("[data-tool]")) {
  button.addEventListener("click", async () => { await TOOLS[button.dataset.tool](); toast(word("done")); });
}
for (const button of document.querySelectorAll("[data-channel]")) {
  button.addEventListener("click", () => choose(everybody.find((one) => one.channel === button.dataset.channel)));
}
$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  $("text").value = "";
  if (text) act({ action: "text", text });
});
$("ref-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const ref = $("ref").value.trim();
  // LINE has no ref: its links put words into the message box, which the person sends.
  act(me.channel === "line" ? { action: "text", text: ref } : { action: "open_link", ref });
});
$("close").addEventListener("click", closePage);
$("reload").addEventListener("click", () => { $("page").src = $("page").src; });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if ($("browser").hidden) closeMenus();
  else closePage();
});
$("language").addEventListener("click", () => { change(); forgetMenus(); drawPeople(); refresh(); });

show();
everybody = await ask("api/people");
await choose(everybody[0]);
setInterval(refresh, ASK_EVERY);
