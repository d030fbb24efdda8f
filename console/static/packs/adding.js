// The form for a file: says that a file is too large before it is sent, and that it is on its way once it is.
"use strict";
const form = document.getElementById("upload");
if (form) {
  const file = form.querySelector("input[type=file]");
  const told = document.getElementById("told");
  file.addEventListener("change", () => {
    const chosen = file.files[0];
    const isTooLarge = chosen && chosen.size >= Number(form.dataset.limit);
    file.setCustomValidity(isTooLarge ? form.dataset.tooLarge : "");
    told.textContent = isTooLarge ? form.dataset.tooLarge : "";
  });
  form.addEventListener("submit", () => {
    told.textContent = form.dataset.sending;
  });
}
