// A platform's message objects as the app would draw them. Text is always set as text, never as HTML.

import { flex } from "./flex.js";
import { make } from "./parts.js";

// `act(action)` does what a tapped button does: {url} opens the browser, anything else is sent as the person.
export function bubble(body, act) {
  if (body.type === "image") return picture(body.previewImageUrl || body.originalContentUrl);
  if (body.attachment?.type === "image") return picture(body.attachment.payload.url);
  if (body.type === "video") return film(body.originalContentUrl, body.previewImageUrl);
  if (body.attachment?.type === "video") return film(body.attachment.payload.url);
  if (body.type === "template") return template(body.template, act);
  if (body.attachment?.type === "template") return graphTemplate(body.attachment.payload, act);
  if (body.type === "flex") return flex(body.contents, (action) => act(lineAct(action)));
  return text(body.text ?? `[${body.type}]`, act);
}

export function quickReplies(body) {
  const line = (body.quickReply?.items || []).map(({ action }) => ({
    label: action.label,
    act: action.type === "postback"
      ? { action: "postback", data: action.data, display_text: action.displayText }
      : { action: "text", text: action.text },
  }));
  const graph = (body.quick_replies || []).map((reply) => ({
    label: reply.title, act: { action: "text", text: reply.title, payload: reply.payload },
  }));
  return [...line, ...graph];
}

function text(words, act) {
  const part = make("div", { className: "bubble" });
  for (const piece of words.split(/(https?:\/\/[^\s]+)/)) {
    if (!/^https?:\/\//.test(piece)) { part.append(piece); continue; }
    const link = make("a", { href: piece, textContent: piece });
    link.addEventListener("click", (event) => { event.preventDefault(); act({ url: piece }); });
    part.append(link);
  }
  return part;
}

function picture(url) {
  return make("div", { className: "bubble picture" }, make("img", { src: url, alt: "" }));
}

function film(url, poster = "") {
  return make("div", { className: "bubble picture" }, make("video", { src: url, poster, controls: true, preload: "none" }));
}

function template(template, act) {
  if (template.type === "carousel") {
    return make("div", { className: "cards" }, ...template.columns.map((column) => card(lineCard(column), act)));
  }
  return card(lineCard(template), act);
}

function lineCard({ thumbnailImageUrl, title, text, actions }) {
  return {
    image: thumbnailImageUrl, title, text,
    buttons: actions.map((action) => ({ label: action.label, act: lineAct(action) })),
  };
}

export function lineAct(action) {
  if (action.type === "uri") return { url: action.uri };
  if (action.type === "richmenuswitch") return { action: "switch_menu", alias: action.richMenuAliasId, data: action.data };
  if (action.type === "postback") return { action: "postback", data: action.data, display_text: action.displayText };
  return { action: "text", text: action.text ?? action.label ?? "" };
}

function graphTemplate(payload, act) {
  if (payload.template_type === "button") return card(graphCard({ subtitle: payload.text, buttons: payload.buttons }), act);
  return make("div", { className: "cards" }, ...payload.elements.map((element) => card(graphCard(element), act)));
}

function graphCard({ image_url, title, subtitle, buttons = [] }) {
  return {
    image: image_url, title, text: subtitle,
    buttons: buttons.map((button) => ({
      label: button.title,
      act: button.type === "web_url" ? { url: button.url }
        : { action: "postback", data: button.payload, display_text: button.title },
    })),
  };
}

function card({ image, title, text, buttons }, act) {
  const words = make("div", { className: "words" });
  if (title) words.append(make("strong", { textContent: title }));
  if (text) words.append(make("p", { textContent: text }));
  const part = make("div", { className: "card" });
  if (image) part.append(make("img", { src: image, alt: "" }));
  part.append(words);
  for (const { label, act: action } of buttons) {
    const button = make("button", { type: "button", textContent: label });
    button.dataset.testid = "message-button";
    button.addEventListener("click", () => act(action));
    part.append(button);
  }
  return part;
}
