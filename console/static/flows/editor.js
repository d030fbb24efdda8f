// The textarea as an editor: the checks as one types, their marks in the gutter, Ctrl-S. Without this the form works too.
import {
  EditorState, EditorView, HighlightStyle, bracketMatching, defaultKeymap, drawSelection, highlightActiveLine,
  highlightActiveLineGutter, highlightSelectionMatches, history, historyKeymap, indentOnInput, indentUnit,
  indentWithTab, keymap, lineNumbers, lintGutter, lintKeymap, searchKeymap, setDiagnostics, syntaxHighlighting,
  tags, yaml,
} from "../vendor/codemirror.js";

const PAUSE = 350; // milliseconds of rest before the text is checked
const form = document.querySelector("#editor");
const source = form.querySelector("#source");
const verdict = document.querySelector("#verdict");
const saved = document.querySelector("#saved");
const token = form.querySelector("[name=csrf_token]").value;
const judged = document.querySelector("#judged");
let isChanged = false, checks = 0, talkedTo = source.value, timer;

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.bool, tags.null, tags.number], color: "var(--focus)" },
]);
const look = EditorView.theme({
  "&": { color: "var(--ink)", fontSize: ".9rem" },
  ".cm-scroller": { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace", minHeight: "24rem", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--card)", color: "var(--soft)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 9%, transparent)" },
  ".cm-tooltip, .cm-panels": { backgroundColor: "var(--card)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-tooltip": { maxWidth: "min(36rem, 90vw)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--focus) 30%, transparent)" },
});

const view = new EditorView({
  doc: source.value,
  extensions: [
    EditorView.cspNonce.of(form.dataset.nonce),
    EditorView.contentAttributes.of({ "aria-labelledby": "source-label", "aria-describedby": "source-help", spellcheck: "false", tabindex: "0" }),
    lineNumbers(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(),
    highlightActiveLineGutter(), highlightSelectionMatches(), indentUnit.of("  "), EditorView.lineWrapping, yaml(), syntaxHighlighting(colours), look,
    EditorState.tabSize.of(2),
    keymap.of([{ key: "Mod-s", run: () => { save(); return true; } }, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      source.value = update.state.doc.toString();
      if (!isChanged) saved.textContent = form.dataset.unsaved;
      isChanged = true;
      clearTimeout(timer);
      timer = setTimeout(check, PAUSE);
    }),
  ],
});
source.hidden = true;
source.before(view.dom);

function place(line, column) {
  const found = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
  return Math.min(found.from + Math.max(column - 1, 0), found.to);
}

function mark(mistakes) {
  view.dispatch(setDiagnostics(view.state, mistakes.map((one) => {
    const line = view.state.doc.line(Math.min(Math.max(one.line, 1), view.state.doc.lines));
    return { from: place(one.line, one.column), to: line.to, severity: one.warning ? "warning" : "error", message: one.message };
  })));
}

// Above the editor: the verdict in a sentence, with the first mistake. It is read out, so it only changes with its words.
function sum(mistakes) {
  const headline = verdict.querySelector(".notice").cloneNode(true);
  const first = mistakes.length && !mistakes[0].warning ? verdict.querySelector(".mistakes li") : null;
  const line = first ? `${headline.innerHTML} ${first.innerHTML}` : headline.innerHTML;
  if (line === judged.dataset.line) return;
  judged.dataset.line = line;
  judged.innerHTML = line;
  judged.className = headline.className;
}

async function check() {
  const mine = ++checks;
  try {
    const answer = await fetch(form.dataset.check, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ source: source.value }),
    });
    const found = await answer.json();
    if (mine !== checks) return; // a later text is being checked
    verdict.innerHTML = found.html;
    mark(found.mistakes);
    sum(found.mistakes);
    const isOld = source.value !== talkedTo || !document.querySelector("#try [name=talk]"); // or a mistake has stopped it
    if (isOld && !found.mistakes.some((one) => !one.warning)) {
      talkedTo = source.value;
      document.dispatchEvent(new CustomEvent("good-text"));
    }
  } catch {
    saved.textContent = form.dataset.lost;
  }
}

async function save() {
  const data = new FormData(form), written = source.value;
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
    const found = await answer.json();
    if (answer.status === 409) { form.requestSubmit(); return; } // the page shows what the other has written
    if (!answer.ok) throw new Error(answer.statusText);
    document.querySelectorAll("[name=seen]").forEach((field) => { field.value = found.seen; });
    isChanged = source.value !== written;
    saved.textContent = found.said;
  } catch {
    saved.textContent = form.dataset.lost;
  }
}

form.addEventListener("submit", () => { isChanged = false; });
window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s" && !event.defaultPrevented) { event.preventDefault(); save(); }
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  const at = place(Number(link.dataset.line), Number(link.dataset.column));
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
  view.focus();
});
for (const button of document.querySelectorAll("[data-insert]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const line = view.state.doc.lineAt(view.state.selection.main.head);
    const words = `${line.length ? "\n" : ""}${document.getElementById(button.dataset.insert).textContent}`;
    view.dispatch({ changes: { from: line.to, insert: words }, selection: { anchor: line.to + words.length }, scrollIntoView: true });
    view.focus();
  });
}
check();
