// A graph that is wider or higher than its frame: bring the step that a conversation stands at, or the start, into sight.
export function show() {
  for (const graph of document.querySelectorAll(".graph")) {
    const step = graph.querySelector("[data-here]") || graph.querySelector("[data-step]");
    if (!step) continue;
    const box = step.getBoundingClientRect(), frame = graph.getBoundingClientRect();
    graph.scrollTop += box.top - frame.top - frame.height / 2 + box.height / 2;
    graph.scrollLeft += box.left - frame.left - frame.width / 2 + box.width / 2;
  }
}

show();
