// The camera reads a barcode: by the browser's own reader where it has one, else by zxing's, which is loaded when first used.
const KINDS = ["qr_code", "code_39", "code_128"];
const ZXING_KINDS = ["QRCode", "Code39", "Code128"];
const WIDEST = 1280; // pixels of the picture that is looked at
const PAUSE = 60; // milliseconds between two looks

async function ownReader() {
  if (!("BarcodeDetector" in globalThis)) return null;
  const supported = await BarcodeDetector.getSupportedFormats();
  if (!KINDS.every((kind) => supported.includes(kind))) return null;
  const detector = new BarcodeDetector({ formats: KINDS });
  return async (video) => (await detector.detect(video))[0]?.rawValue;
}

async function zxing() {
  const { prepareZXingModule, readBarcodes } = await import("../vendor/zxing-wasm/es/reader/index.js");
  const file = new URL("../vendor/zxing-wasm/zxing_reader.wasm", import.meta.url).href;
  await prepareZXingModule({ overrides: { locateFile: () => file }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, WIDEST / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    brush.drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = brush.getImageData(0, 0, canvas.width, canvas.height);
    const read = await readBarcodes(picture, { formats: ZXING_KINDS, tryHarder: true, maxNumberOfSymbols: 1 });
    return read.find((one) => one.isValid)?.text;
  };
}

let reader;
let stream;

export const isThere = () => Boolean(navigator.mediaDevices?.getUserMedia);

// Shows the camera's picture in `video` until a code is read or `close` is called; null where it was closed.
export async function scan(video) {
  close();
  const mine = await navigator.mediaDevices.getUserMedia({ video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } } });
  stream = mine;
  video.srcObject = mine;
  await video.play();
  reader ??= (await ownReader()) ?? (await zxing());
  while (stream === mine) {
    const code = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await reader(video) : "";
    if (stream !== mine) return null;
    if (code) {
      close();
      return code;
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
  return null;
}

export function close() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = undefined;
}
