// A keyboard scanner types into whatever has the focus, quicker than anybody, and ends with Enter. What it types belongs to the
// next customer. Where a Chinese input method is on, keys arrive as "Process": then what was typed is told by the keys themselves.
const QUICK = 80; // milliseconds between two keys of a scanner
const SHORTEST = 4;
const SIGNS = { Minus: "-", Period: ".", Slash: "/", Space: " ", Equal: "=", Comma: ",", Semicolon: ";" };

export function fromKey(event) {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  if (letter) return event.shiftKey || event.getModifierState?.("CapsLock") ? letter : letter.toLowerCase();
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  if (digit) return event.shiftKey ? ")!@#$%^&*("[digit] : digit;
  if (event.code === "Semicolon" && event.shiftKey) return ":";
  return event.shiftKey ? "" : SIGNS[event.code] ?? "";
}

// `scanned` is told what an input method has swallowed.
export function listen(field, scanned) {
  let burst = { text: "", last: 0, isSwallowed: false };
  document.addEventListener("keydown", (event) => {
    if (event.target.closest?.("[data-typing], dialog")) return;
    if (event.key === "Escape") { field.value = ""; field.focus(); return; }
    const now = performance.now();
    if (now - burst.last > QUICK) burst = { text: "", last: now, isSwallowed: false };
    burst.last = now;
    const isSwallowed = event.key === "Process" || event.isComposing || event.keyCode === 229;
    const isEnter = event.key === "Enter" || event.code === "Enter" || event.code === "NumpadEnter";
    if (isEnter && burst.isSwallowed && burst.text.length >= SHORTEST) {
      event.preventDefault();
      field.blur(); // the input method lets go of what it holds
      field.value = "";
      scanned(burst.text);
      burst = { text: "", last: 0, isSwallowed: false };
      return;
    }
    if (!isEnter) burst.text += fromKey(event);
    burst.isSwallowed ||= isSwallowed && !isEnter;
    // Without this a scanner's final Enter would press Verify for the customer before.
    const isTyped = (isSwallowed || (event.key.length === 1 && event.key !== " ")) && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isTyped && !isEnter && event.target !== field) { field.value = ""; field.focus(); }
  });
}
