// What stands around a chat: LINE's rich menu, Messenger's menu and the welcome screen of a new chat.
import { lineAct } from "./bubbles.js";
import { make } from "./parts.js";
import { word } from "./words.js";

const $ = (id) => document.getElementById(id);

let drawn = "";  // what is drawn now, as JSON
let hadRichMenu = false;
let isOpen = false;
let act = () => {};

// Forget what was drawn: another person holds the phone, or the words have another language.
export function forgetMenus() { drawn = ""; hadRichMenu = false; }

// Draws the frame where it differs from what is drawn; tells whether it did. `tap(action)` does what a tap does.
export function drawMenus(frame, tap) {
  const wanted = JSON.stringify(frame);
  if (wanted === drawn) return false;
  drawn = wanted;
  act = tap;
  const place = [...$("menu-body").children].indexOf(document.activeElement);
  const rich = frame.rich_menu;
  const items = frame.menu || [];
  if (!hadRichMenu) isOpen = Boolean(rich?.selected); // who has just turned its page goes on looking at it
  hadRichMenu = Boolean(rich);
  $("menu-bar").hidden = !rich;
  $("menu-bar-text").textContent = rich?.chatBarText || "";
  $("menu-toggle").hidden = !items.length;
  $("menu-body").className = rich ? "rich-menu" : "menu-items";
  $("menu-body").style.aspectRatio = rich ? `${rich.size.width} / ${rich.size.height}` : "";
  $("menu-body").style.backgroundImage = rich ? `url("${rich.picture}")` : "";
  $("menu-body").setAttribute("aria-label", rich?.chatBarText || word("menu"));
  $("menu-body").replaceChildren(...(rich ? rich.areas.map((area, i) => areaButton(area, i, rich.size)) : items.map(itemButton)));
  show(isOpen && Boolean(rich || items.length));
  if (place >= 0) ($("menu-body").children[place] || $("menu-body").firstElementChild)?.focus();
  return true;
}

// The first thing that a new person sees of a Page: its greeting, and questions to tap or Get Started.
export function welcome(frame, shop, tap) {
  const item = make("li", { className: "welcome" });
  item.dataset.testid = "welcome";
  const avatar = make("span", { className: "avatar", textContent: shop.slice(0, 1) });
  avatar.setAttribute("aria-hidden", "true");
  item.append(avatar, make("strong", { textContent: shop }));
  if (frame.greeting) item.append(make("p", { textContent: frame.greeting }));
  for (const { question, payload } of frame.ice_breakers || []) {
    item.append(button(question, "ice-breaker", () => tap({ action: "postback", data: payload, display_text: question })));
  }
  if (frame.has_get_started) item.append(button(word("started"), "add-friend", () => tap({ action: "follow" })));
  return item;
}

export function closeMenus() {
  if (!isOpen || $("menu-body").hidden) return;
  const opener = $("menu-bar").hidden ? $("menu-toggle") : $("menu-bar");
  if ($("menu-body").contains(document.activeElement)) opener.focus();
  show(false);
}

function show(open) {
  const { scrollHeight, scrollTop, clientHeight } = $("chat");
  isOpen = open;
  $("menu-body").hidden = !open;
  if (scrollHeight - scrollTop - clientHeight < 40) $("chat").scrollTop = $("chat").scrollHeight; // the last words stay in sight
  for (const opener of [$("menu-bar"), $("menu-toggle")]) opener.setAttribute("aria-expanded", String(open));
}

function button(words, testid, tap) {
  const part = make("button", { type: "button", textContent: words });
  part.dataset.testid = testid;
  part.addEventListener("click", tap);
  return part;
}

// A tappable part of the picture: nothing is drawn but the focus, and screen readers hear its label as in LINE.
function areaButton({ bounds, action }, i, size) {
  const name = action.label || action.text || action.displayText || action.uri || word("area", i + 1);
  const part = button("", "menu-area", () => act(lineAct(action)));
  part.setAttribute("aria-label", name);
  part.title = name;
  Object.assign(part.style, {
    left: percent(bounds.x, size.width), width: percent(bounds.width, size.width),
    top: percent(bounds.y, size.height), height: percent(bounds.height, size.height),
  });
  return part;
}

function itemButton(item) {
  return button(item.title, "menu-item", () => {
    closeMenus();
    act(item.type === "web_url" ? { url: item.url } : { action: "postback", data: item.payload, display_text: item.title });
  });
}

function percent(part, whole) { return `${(part / whole) * 100}%`; }

for (const opener of [$("menu-bar"), $("menu-toggle")]) opener.addEventListener("click", () => show(!isOpen));
