// The pad beside the field: digits by finger, by keyboard as ever. And a page that has stood for an hour is fetched anew.
const HOUR = 3600_000;
const opened = Date.now();
const pad = document.querySelector(".pad");
const field = document.getElementById("pin");

function isOld() { return Date.now() - opened > HOUR && !(field && field.value); }
setInterval(() => { if (isOld()) location.reload(); }, 60_000);
document.addEventListener("visibilitychange", () => { if (!document.hidden && isOld()) location.reload(); });

if (pad) {
  const form = field.form;
  const count = document.getElementById("count");
  const tell = () => { count.textContent = field.value ? form.dataset.digits.replace("{}", field.value.length) : ""; };
  pad.hidden = false;
  // The phone's own keys would cover ours; a real keyboard works whatever this says.
  if (matchMedia("(pointer: coarse)").matches) field.inputMode = "none";
  field.addEventListener("input", tell);
  pad.addEventListener("click", (event) => {
    const digit = event.target.dataset.digit;
    if (digit === undefined) return;
    field.value = digit ? (field.value + digit).slice(0, field.maxLength) : field.value.slice(0, -1);
    tell();
  });
  // A digit typed while a key of the pad has the focus is meant for the field.
  document.addEventListener("keydown", (event) => {
    if (event.target !== field && /^[0-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) field.focus();
  });
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; field.value = ""; tell(); });
}
