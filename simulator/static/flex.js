// A Flex container roughly as LINE draws it: boxes, texts, pictures, buttons. Text is set as text, never as HTML.
import { make } from "./parts.js";

const SIZES = { xxs: ".65rem", xs: ".72rem", sm: ".8rem", md: ".92rem", lg: "1.05rem", xl: "1.2rem", xxl: "1.4rem" };

// `act(action)` is given LINE's action object where something is tapped.
export function flex(container, act) {
  const bubbles = container.type === "carousel" ? container.contents : [container];
  return make("div", { className: "cards" }, ...bubbles.map((bubble) => draw(bubble, act)));
}

function draw(bubble, act) {
  const blocks = ["header", "hero", "body", "footer"].filter((name) => bubble[name]);
  const parts = blocks.map((name) => {
    const block = component(bubble[name], act);
    if (name !== "hero") block.classList.add("flex-block");
    return block;
  });
  return tappable(make("div", { className: "card flex-bubble" }, ...parts), bubble.action, act);
}

function component(part, act) {
  const drawn = (KINDS[part.type] || nothing)(part, act);
  if (part.flex !== undefined) drawn.style.flex = String(part.flex);
  return part.type === "button" ? drawn : tappable(drawn, part.action, act);
}

const KINDS = { box, text, image, icon: image, video, button, separator: () => make("hr"), filler: nothing };

function nothing() {
  return make("span", { className: "flex-filler" });
}

function box(part, act) {
  const drawn = make("div", { className: `flex-box flex-${part.layout === "vertical" ? "down" : "across"}` });
  if (/^#[0-9a-f]{6,8}$/i.test(part.backgroundColor || "")) drawn.style.backgroundColor = part.backgroundColor;
  drawn.append(...part.contents.map((each) => component(each, act)));
  return drawn;
}

function text(part) {
  const drawn = make("p", { className: "flex-text" }, ...(part.contents || [part]).map(letters));
  drawn.style.textAlign = part.align || "start";
  drawn.style.fontSize = SIZES[part.size] || SIZES.md;
  return drawn;
}

function letters(part) {
  const drawn = make("span", { textContent: part.text || "" });
  drawn.style.fontWeight = part.weight === "bold" ? "600" : "inherit";
  if (/^#[0-9a-f]{6,8}$/i.test(part.color || "")) drawn.style.color = part.color;
  return drawn;
}

function image(part) {
  return make("img", { src: part.url, alt: "" });
}

function video(part) {
  return make("video", { src: part.url, poster: part.previewUrl, controls: true, preload: "none" });
}

function button(part, act) {
  const drawn = make("button", { type: "button", textContent: part.action.label });
  drawn.dataset.testid = "message-button";
  return tappable(drawn, part.action, act);
}

function tappable(drawn, action, act) {
  if (action) drawn.addEventListener("click", (event) => { event.stopPropagation(); act(action); });
  return drawn;
}
