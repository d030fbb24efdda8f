// Whoever logs out of the counter leaves nothing of the shop's on the device but what has still to be told.
import { forget } from "./keeping.js";

for (const form of document.querySelectorAll("form[data-leaving]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await forget().catch(() => {});
    form.submit();
  });
}
