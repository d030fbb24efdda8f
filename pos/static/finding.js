// Finding a customer by what is scanned: a scanner's keys go into the field wherever the focus is, and in the place of what was
// looked for before. Whoever has no scanner takes the camera: it reads the barcode or QR on the coupon's page.
import * as camera from "./counter/camera.js";
import { listen } from "./counter/scanner.js";

const field = document.getElementById("entered");
const scan = document.getElementById("scan");
const picture = document.getElementById("camera");

field.select();
listen(field, (code) => { field.value = code; field.form.requestSubmit(); });
scan.hidden = !camera.isThere();
scan.addEventListener("click", async () => {
  picture.hidden = false;
  scan.hidden = true;
  document.getElementById("no-camera").hidden = true;
  try {
    field.value = (await camera.scan(picture.querySelector("video"))) ?? "";
    if (field.value) field.form.requestSubmit();
  } catch (error) {
    console.error(error);
    camera.close();
    document.getElementById("no-camera").hidden = false;
  }
  picture.hidden = true;
  scan.hidden = false;
});
document.getElementById("camera-close").addEventListener("click", camera.close);
document.addEventListener("visibilitychange", () => { if (document.hidden) camera.close(); });
