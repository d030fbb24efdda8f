// The code is in the fragment, which is sent to nobody; it is put into the form, and out of the address and the history.
const code = decodeURIComponent(location.hash.slice(1));
if (code) {
  document.getElementById("code").value = code;
  history.replaceState(null, "", location.pathname);
  document.querySelector("form .wide").focus();
}
