// Notices: dismissing one, and moving the focus to a form's error summary.
document.addEventListener("click", (event) => {
  const button = event.target.closest('[data-action="dismiss"]');
  button?.closest(".notice")?.remove();
});

document.querySelector("[data-autofocus]")?.focus();
