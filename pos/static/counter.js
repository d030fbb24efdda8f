// The field is ready for the next scan, whatever was done before; Escape empties it.
const field = document.getElementById("entered");
const button = document.querySelector('[data-testid="verify"]');

if (button && document.querySelectorAll('[data-testid="verify"]').length === 1) button.focus();
else { field.focus(); field.select(); }

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { field.value = ""; field.focus(); }
  // A scanner types: what it types while Verify has the focus belongs to the next customer. Without this its final
  // Enter would press Verify for the one before.
  const isTyped = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isTyped && event.target !== field) { field.value = ""; field.focus(); }
});

// A second tap on Verify while the first is under way sends nothing.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form")) delete form.dataset.sent; });
