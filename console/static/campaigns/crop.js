// A picture cropped to a square by hand: dragged, moved with the arrow keys, made larger with a slider, the wheel, + and -.
const MOST = 1_000_000; // bytes that a picture may have
const dialog = document.getElementById("crop");
const canvas = dialog.querySelector("canvas");
const zoom = dialog.querySelector("#zoom");
const wrong = dialog.querySelector(".wrong");
const [use, leave] = dialog.querySelectorAll("button");
const draw = canvas.getContext("2d");
const SIDE = canvas.width;
let picture, x = 0, y = 0; // the picture, and how far its middle is from the square's, in the square's pixels

function paint() {
  const scale = (SIDE / Math.min(picture.width, picture.height)) * Number(zoom.value);
  const width = picture.width * scale, height = picture.height * scale;
  const most = [(width - SIDE) / 2, (height - SIDE) / 2]; // no edge comes into the square
  x = Math.min(most[0], Math.max(-most[0], x));
  y = Math.min(most[1], Math.max(-most[1], y));
  draw.clearRect(0, 0, SIDE, SIDE);
  draw.drawImage(picture, (SIDE - width) / 2 + x, (SIDE - height) / 2 + y, width, height);
}

function enlarge(by) {
  const before = Number(zoom.value);
  zoom.value = String(before * by);
  x *= Number(zoom.value) / before;
  y *= Number(zoom.value) / before;
  paint();
}

canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  const pixels = SIDE / canvas.clientWidth;
  x += event.movementX * pixels;
  y += event.movementY * pixels;
  paint();
});
canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
canvas.addEventListener("wheel", (event) => { event.preventDefault(); enlarge(event.deltaY < 0 ? 1.05 : 1 / 1.05); });
canvas.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (step) { x += step[0] * SIDE * 0.02; y += step[1] * SIDE * 0.02; paint(); }
  else if (event.key === "+" || event.key === "-") enlarge(event.key === "+" ? 1.1 : 1 / 1.1);
  else return;
  event.preventDefault();
});
zoom.addEventListener("input", paint);

const written = (type) => new Promise((done) => { canvas.toBlob(done, type, 0.9); });

// What is sent: seen through where the file was, small enough else.
async function cropped(type) {
  const blob = type === "image/png" ? await written(type) : null;
  return blob && blob.size < MOST ? blob : written("image/jpeg");
}

// Asks for the square of a file and sends it. Rejects where the browser cannot draw the file; resolves when it is sent or left.
export async function crop(file, send, lost) {
  picture = await createImageBitmap(file);
  x = y = 0;
  zoom.value = "1";
  wrong.textContent = "";
  paint();
  dialog.showModal();
  canvas.focus();
  await new Promise((done) => {
    dialog.addEventListener("close", done, { once: true });
    leave.onclick = () => dialog.close();
    use.onclick = async () => {
      use.disabled = true;
      try { await send(await cropped(file.type)); dialog.close(); } catch (error) { wrong.textContent = error instanceof TypeError ? lost : error.message; }
      use.disabled = false;
    };
  });
  picture.close();
}
