// The inbox's keys: j and k move among the rows, Enter opens (the focused link does that by itself),
// a and r open the confirmation of the focused row, / searches, ? shows the list of keys.
const rows = () => [...document.querySelectorAll("[data-row]")];
const current = () => document.activeElement?.closest("[data-row]");

const isTyping = (target) => target.closest?.("input, select, textarea, [contenteditable], dialog[open]");

const move = (step) => {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = at < 0 ? all[step > 0 ? 0 : all.length - 1] : all[at + step];
  next?.querySelector(".row-link")?.focus();
  next?.scrollIntoView({ block: "nearest" });
};

const go = (url) => {
  if (url) location.assign(url);
};

const keys = {
  j: () => move(1),
  k: () => move(-1),
  a: () => go(current()?.dataset.approveUrl),
  r: () => go(current()?.dataset.rejectUrl),
  "/": () => document.querySelector(".filter-search input")?.focus(),
  "?": () => document.getElementById("keyboard-help")?.togglePopover(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});
