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
  const talk = document.querySelector("#try [name=talk]");
  if (talk) data.set("talk", talk.value);
  const before = data.get("act") === "restart" ? 0 : document.querySelectorAll("#try .mine, #try .theirs, #try .note").length;
  const answer = await fetch(address, { method: "POST", body: data });
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = parsed(await answer.text()).querySelector("#try");
  document.querySelector("#try").replaceWith(fresh);
  const said = [...fresh.querySelectorAll(".mine, .theirs, .note")].slice(before);
  const heard = document.querySelector("#heard");
  heard.classList.add("unseen");
  heard.textContent = said.map((line) => line.textContent.trim()).join(" ");
  toEnd();
  const write = fresh.querySelector("#write");
  if (write) write.focus({ preventScroll: true });
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#try form")) return;
  event.preventDefault();
  const data = new FormData(event.target, event.submitter), address = event.target.action;
  turn = turn.then(() => act(address, data)).catch(() => {
    const heard = document.querySelector("#heard");
    heard.textContent = heard.dataset.lost;
    heard.classList.remove("unseen");
  });
});
toEnd();
