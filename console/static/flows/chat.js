// The chat without reloading the page: the form goes as it is, and its answer's part takes the place of ours.
const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

function toEnd() {
  const lines = document.querySelector("#try .lines");
  if (lines) lines.scrollTop = lines.scrollHeight;
  const here = document.querySelector("#try [data-here]") || document.querySelector("#try [data-step]");
  const graph = here && here.closest(".graph");
  if (!graph) return;
  const box = here.getBoundingClientRect(), frame = graph.getBoundingClientRect();
  graph.scrollTop += box.top - frame.top - frame.height / 2 + box.height / 2;
  graph.scrollLeft += box.left - frame.left - frame.width / 2 + box.width / 2;
}

async function act(form, button) {
  const data = new FormData(form, button);
  const source = document.querySelector("#source");
  if (source) data.set("source", source.value);
  const before = form.querySelectorAll(".lines > *").length;
  const answer = await fetch(form.action, { method: "POST", body: data });
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = parsed(await answer.text()).querySelector("#try");
  document.querySelector("#try").replaceWith(fresh);
  const said = [...fresh.querySelectorAll(".lines > *")].slice(button && button.value === "restart" ? 0 : before);
  document.querySelector("#heard").textContent = said.map((line) => line.textContent.trim()).join(" ");
  toEnd();
  const write = fresh.querySelector("#write");
  if (write) write.focus({ preventScroll: true });
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#try form")) return;
  event.preventDefault();
  act(event.target, event.submitter).catch(() => event.target.submit());
});
toEnd();
