// The demo's account list fills the sign-in form.
const form = document.querySelector("form[data-login]");

document.addEventListener("click", (event) => {
  const button = event.target.closest('[data-action="use-account"]');
  if (!button) return;
  form.elements.username.value = button.dataset.username;
  form.elements.password.value = button.dataset.password;
  form.querySelector("button:not([type=button])").focus();
});
