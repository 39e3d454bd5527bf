// Warns before an edited form is left, and says so beside its buttons.
const form = document.querySelector("form[data-draft]");
const mark = form?.querySelector('[data-slot="unsaved"]');
let isEdited = false;

const warn = (event) => {
  event.preventDefault();
  event.returnValue = form.dataset.unsavedText; // older browsers need a value
};

const setEdited = (edited) => {
  if (edited === isEdited) return;
  isEdited = edited;
  if (mark) mark.hidden = !edited;
  if (edited) addEventListener("beforeunload", warn);
  else removeEventListener("beforeunload", warn);
};

form?.addEventListener("input", () => setEdited(true));
form?.addEventListener("lines-changed", () => setEdited(true));
form?.addEventListener("submit", () => setEdited(false));
// A form that came back with errors holds what is not saved yet.
if (form?.querySelector(".form-errors")) setEdited(true);
