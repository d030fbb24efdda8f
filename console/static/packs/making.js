// A pack in the making: asks how far it has come, and loads the page anew once it stands otherwise.
"use strict";
const card = document.getElementById("making");
if (card && card.dataset.progress) {
  const bar = card.querySelector("progress");
  const words = document.getElementById("rows");
  const heard = document.getElementById("heard");
  const number = new Intl.NumberFormat("en");
  let quarter = 0;
  const ask = async () => {
    try {
      const answer = await fetch(card.dataset.progress, { headers: { Accept: "application/json" }, redirect: "error" });
      if (answer.ok) {
        const now = await answer.json();
        if (now.state !== card.dataset.state) {
          location.reload();
          return;
        }
        bar.max = Math.max(1, now.total);
        bar.value = now.done;
        words.textContent = `${number.format(now.done)} / ${number.format(now.total)}`;
        const reached = Math.floor((4 * now.done) / Math.max(1, now.total));
        if (reached > quarter) {
          quarter = reached;
          heard.textContent = `${25 * reached} %`;
        }
      }
    } catch {
      // The shop is out of reach for a moment; what is being made goes on without this page.
    }
    setTimeout(ask, 700);
  };
  setTimeout(ask, 300);
}
