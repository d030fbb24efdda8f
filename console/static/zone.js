// Say in which zone this browser is, and offer it where nothing was chosen yet; nothing is saved before the button.
const place = document.getElementById("browser-zone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (place && zone) place.textContent = `${place.dataset.words}${zone}`;
