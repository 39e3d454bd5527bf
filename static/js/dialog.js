// Asks before a final outcome, and for the comment that an outcome needs.
// Without JavaScript the server asks both, with a page of its own.
const dialog = document.querySelector('[data-dialog="confirm"]');
const styles = ["btn-primary", "btn-success", "btn-danger"];

const slot = (name) => dialog.querySelector(`[data-slot="${name}"]`);

const needsComment = (button) => {
  const field = document.getElementById(button.dataset.commentRequired ?? "");
  if (!field) return false;
  field.setCustomValidity(field.value.trim() ? "" : field.dataset.missingText);
  if (field.checkValidity()) return false;
  field.focus();
  field.reportValidity();
  field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
  return true;
};

const confirmed = (button) => {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "confirmed";
  field.value = "1";
  button.form.append(field);
  button.form.requestSubmit(button);
  field.remove();
};

const ask = (button) => {
  const comment = document.getElementById(button.dataset.comment)?.value.trim();
  slot("title").textContent = button.dataset.confirmTitle;
  slot("text").textContent = button.dataset.confirmText;
  slot("comment").textContent = comment ?? "";
  slot("comment").hidden = !comment;
  const yes = slot("button");
  yes.textContent = button.textContent.trim();
  yes.classList.remove(...styles);
  yes.classList.add(styles.includes(`btn-${button.dataset.confirmStyle}`) ? `btn-${button.dataset.confirmStyle}` : "btn-primary");
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "confirm") confirmed(button);
  }, { once: true });
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[formaction], button[data-comment-required]");
  if (!button || button.form?.dataset.submitted) return;
  if (needsComment(button)) {
    event.preventDefault();
  } else if (button.dataset.action === "confirm" && dialog) {
    event.preventDefault();
    ask(button);
  }
});
