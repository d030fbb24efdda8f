// Yes and no for the ear and the hand. Browsers let a page sound only once somebody has touched it.
const TUNES = {
  found: [[660, 0, 0.05]],
  yes: [[880, 0, 0.09], [1320, 0.1, 0.16]],
  no: [[196, 0, 0.16], [147, 0.2, 0.3]],
  warn: [[523, 0, 0.12], [523, 0.18, 0.12]],
};
const SHAKES = { found: [20], yes: [60], no: [120, 80, 240], warn: [60, 60, 60] };
const KEY = "counter-sound";

let context;
const wake = () => {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
};
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wake);

export const isOn = () => localStorage.getItem(KEY) !== "off";
export const turn = (on) => localStorage.setItem(KEY, on ? "on" : "off");

export function sound(tone) {
  document.documentElement.dataset.sounded = tone;
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(SHAKES[tone]);
  if (!isOn() || context?.state !== "running") return;
  for (const [pitch, begins, lasts] of TUNES[tone]) {
    const from = context.currentTime + begins;
    const volume = new GainNode(context, { gain: 0 });
    const voice = new OscillatorNode(context, { type: tone === "no" ? "square" : "sine", frequency: pitch });
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(0.25, from + 0.01);
    volume.gain.setTargetAtTime(0, from + lasts, 0.03);
    voice.connect(volume).connect(context.destination);
    voice.start(from);
    voice.stop(from + lasts + 0.2);
  }
}
