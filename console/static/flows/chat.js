// The chat without reloading the page: the form goes as it is, and its answer's part takes the place of ours.
import { show } from "./graph.js";

const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

function toEnd() {
  const lines = document.querySelector("#try .lines");
  if (lines) lines.scrollTop = lines.scrollHeight;
  show();
}

let turn = Promise.resolve(); // one act after another: each goes on from where the one before has come to

async function act(address, data) {
  const source = document.querySelector("#source");
  if (source) data.set("source", source.value);
  const isAsked = data.get("act") !== "look"; // else it is only shown anew, and whoever writes in it goes on writing
  const talk = document.querySelector("#try [name=talk]");
  if (talk) data.set("talk", talk.value);
  const before = data.get("act") === "restart" ? 0 : document.querySelectorAll("#try .mine, #try .theirs, #try .note").length;
  const answer = await fetch(address, { method: "POST", body: data });
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = parsed(await answer.text()).querySelector("#try");
  const old = document.querySelector("#try");
  const focused = old.contains(document.activeElement) ? document.activeElement.id || "write" : "";
  const typed = isAsked ? [] : [...old.querySelectorAll("input[id], select")].map((field) => [field.id, field.value]);
  old.replaceWith(fresh);
  const said = [...fresh.querySelectorAll(".mine, .theirs, .note")].slice(before);
  const heard = document.querySelector("#heard");
  heard.classList.add("unseen");
  if (isAsked || said.length) heard.textContent = said.map((line) => line.textContent.trim()).join(" ");
  toEnd();
  for (const [id, value] of typed) {
    const field = fresh.querySelector(`#${id}`);
    if (field) field.value = value;
  }
  const next = fresh.querySelector(isAsked ? "#write" : `#${focused || "none"}`);
  if (next) next.focus({ preventScroll: true });
}

// One act; where nobody answers, the page says so.
function enqueue(address, data) {
  turn = turn.then(() => act(address, data)).catch(() => {
    const heard = document.querySelector("#heard");
    heard.textContent = heard.dataset.lost;
    heard.classList.remove("unseen");
  });
}

// A text that has just been found good is the one to talk to: its starts, its graph, and a conversation that it fits.
document.addEventListener("good-text", () => {
  const form = document.querySelector("#try form"), data = new FormData(form);
  data.set("act", "look");
  enqueue(form.action, data);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#try form")) return;
  event.preventDefault();
  enqueue(event.target.action, new FormData(event.target, event.submitter));
});
toEnd();
