// The coupon's page: says that it is seen, keeps up with the truth, makes the barcode's bars whole pixels.
const { state, opened, status } = document.body.dataset;

function whenSeen(work) {
  const isSeen = () => document.visibilityState === "visible" && !document.prerendering;
  if (isSeen()) { work(); return; }
  const look = () => { if (isSeen()) { document.removeEventListener("visibilitychange", look); work(); } };
  document.addEventListener("visibilitychange", look);
  document.addEventListener("prerenderingchange", look, { once: true });
}

whenSeen(() => fetch(opened, { method: "POST", keepalive: true }).catch(() => {}));

// Ask until the answer is there, at growing pauses; while the page is hidden nobody asks.
async function keepUp() {
  for (let pause = 250; ; pause = Math.min(pause * 1.4, 2000)) {
    await new Promise((done) => setTimeout(done, pause));
    if (document.visibilityState !== "visible") continue;
    try {
      const answer = await fetch(status, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.ok && (await answer.json()).state !== state) { location.reload(); return; }
    } catch { /* no network just now: asked again, as after an answer that the shop could not give */ }
  }
}
if (state === "waiting") keepUp();

// One tap is enough; coming back with the back button makes it tappable again.
const redeem = document.querySelector(".act");
redeem?.addEventListener("submit", () => { setTimeout(() => { redeem.querySelector("button").disabled = true; }); });

// A page kept by the browser may be old: the truth is asked for when it is shown again.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// Bars of whole device pixels: the widest that fits.
function fit() {
  for (const svg of document.querySelectorAll("svg[data-modules]")) {
    const modules = Number(svg.dataset.modules);
    const pixels = Math.floor((svg.parentElement.clientWidth * devicePixelRatio) / modules);
    svg.style.width = pixels >= 1 ? `${(modules * pixels) / devicePixelRatio}px` : "100%";
  }
}
fit();
addEventListener("resize", fit);

const copy = document.getElementById("copy");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById("serial").textContent);
    copy.textContent = copy.dataset.copied;
  });
}

const left = document.getElementById("left");
if (left) {
  // The server's count, not the phone's clock, which may be wrong.
  const end = performance.now() + Number(left.dataset.seconds) * 1000;
  const tick = () => {
    const seconds = Math.round((end - performance.now()) / 1000);
    if (seconds <= 0) { location.reload(); return; }
    left.textContent = `${left.dataset.words} ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    setTimeout(tick, 1000);
  };
  tick();
}

// The screen stays on while the code is shown, where the browser can.
if (state === "redeemed") navigator.wakeLock?.request("screen").catch(() => {});
