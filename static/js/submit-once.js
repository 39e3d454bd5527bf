// A double click on a button must not post twice. The server refuses a repeated step anyway; this spares the error page.
const release = (form) => {
  delete form.dataset.submitted;
  form.removeAttribute("aria-busy");
};

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-submit-once]");
  if (!form || event.defaultPrevented) return;
  if (form.dataset.submitted) {
    event.preventDefault();
    return;
  }
  form.dataset.submitted = "1";
  form.setAttribute("aria-busy", "true");
});

// The back button shows the page as it was left: its forms may be sent again.
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-submitted]").forEach(release);
});
