// The campaign's form as one types: the coupon's page in the phone, the colours' contrast, the picture's crop. Without this the form works too.
import { crop } from "./crop.js";

const MOST = 1_000_000; // bytes of a picture that are sent
const PAUSE = 250; // milliseconds of rest before the phone shows what was typed
const form = document.getElementById("campaign");
const phone = document.getElementById("phone");
const show = document.getElementById("show");
const file = document.getElementById("picture");
const contrast = document.getElementById("contrast");
const field = (name) => form.elements.namedItem(name);
let timer, frames = 0, isChanged = false, asked = 0;

// Each time a new frame: then "back" leads away from the form, not through all that was typed, and nothing flickers.
function preview() {
  const coming = phone.firstElementChild.cloneNode();
  coming.name = show.formTarget = `preview-${++frames}`;
  coming.className = "coming";
  coming.addEventListener("load", () => {
    if (coming.name !== `preview-${frames}`) { coming.remove(); return; } // a later one is on its way
    for (const old of [...phone.children]) if (old !== coming) old.remove();
    coming.className = "";
  });
  phone.append(coming);
  file.disabled = true; // a picture is sent once, when it is chosen
  form.requestSubmit(show);
  file.disabled = false;
}

async function judge() {
  const mine = ++asked, sent = new FormData();
  for (const name of ["csrf_token", "background_color", "button_color", "button_text_color"]) sent.set(name, field(name).value);
  try {
    const answer = await fetch(form.dataset.contrast, { method: "POST", body: sent });
    const html = await answer.text();
    if (answer.ok && mine === asked && html !== contrast.dataset.html) contrast.innerHTML = contrast.dataset.html = html;
  } catch { /* asked again with the next change */ }
}

function changed(event) {
  const name = event.target.name;
  if (event.target.type === "file") return;
  if (!["face", "preview_language"].includes(name)) isChanged = true;
  const picker = form.querySelector(`[data-picks="${name}"]`);
  if (picker && /^#[0-9a-f]{6}$/i.test(event.target.value)) picker.value = event.target.value.toLowerCase();
  if (picker) judge();
  clearTimeout(timer);
  timer = setTimeout(preview, PAUSE);
}

function set(name, value) {
  field(name).value = value;
  field(name).dispatchEvent(new Event("input", { bubbles: true }));
}

for (const picker of form.querySelectorAll("[data-picks]")) {
  picker.hidden = false;
  picker.addEventListener("input", (event) => { event.stopPropagation(); set(picker.dataset.picks, picker.value.toUpperCase()); });
}
form.addEventListener("input", changed);
form.addEventListener("click", (event) => {
  const take = event.target.closest(".take");
  if (!take || !(field(take.dataset.field) instanceof HTMLElement)) return; // radio buttons: the server takes it
  event.preventDefault();
  set(take.dataset.field, take.dataset.value);
  field(take.dataset.field).focus();
  take.closest(".theirs")?.remove();
});
form.addEventListener("submit", (event) => { if (event.submitter !== show) isChanged = false; });
window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });
show.hidden = true;

async function send(picture) {
  const sent = new FormData();
  sent.set("csrf_token", field("csrf_token").value);
  sent.set("picture", picture, picture.name || "picture");
  const answer = await fetch(form.dataset.picture, { method: "POST", body: sent });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error);
  document.getElementById("told").textContent = found.told;
  document.querySelector("#chosen img").src = `/images/${found.id}`;
  document.getElementById("chosen").hidden = false;
  field("no_picture").checked = false;
  set("image_id", found.id);
}

file.addEventListener("change", async () => {
  const [chosen] = file.files;
  if (!chosen) return;
  file.value = ""; // it is kept by its id from here on
  let wrong = document.getElementById("picture-wrong");
  if (!wrong) { wrong = Object.assign(document.createElement("p"), { id: "picture-wrong", className: "wrong" }); file.after(wrong); }
  wrong.setAttribute("role", "alert");
  wrong.textContent = "";
  file.setAttribute("aria-describedby", "picture-help picture-wrong");
  try {
    await crop(chosen, send, form.dataset.lost);
  } catch (error) { // no picture that the browser can draw: the server says what is wrong with it
    const head = new File([chosen.slice(0, MOST)], chosen.name); // of one that is too large, enough to be told so
    try { await send(head); } catch (said) { wrong.textContent = said instanceof TypeError || said instanceof SyntaxError ? form.dataset.lost : said.message; }
  }
});

document.getElementById("failure")?.focus();
preview();
