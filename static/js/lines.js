// Lines of a claim: add, remove and a live total. The server adds lines and sums up too, when this does not run.
const section = document.querySelector("[data-lines]");
const list = section.querySelector('[data-slot="lines"]');
const template = section.querySelector('[data-slot="empty-line"]');
const total = section.querySelector('[data-slot="total"]');
const totalForms = section.querySelector(`[name="${section.dataset.prefix}-TOTAL_FORMS"]`);

const lines = () => [...list.querySelectorAll("[data-line]")].filter((line) => !line.hidden);
const amountOf = (line) => line.querySelector('[name$="-amount"]')?.value.trim() ?? "";

// Minor units keep the sum exact; a text that is no amount counts as nothing.
const minorUnits = (text) => {
  const found = /^(-?)(\d+)(?:[.,](\d{1,2})\d*)?$/.exec(text);
  if (!found) return 0;
  const value = Number(found[2]) * 100 + Number((found[3] ?? "").padEnd(2, "0"));
  return found[1] ? -value : value;
};

const currency = () => section.closest("form").querySelector('[name="currency"]')?.value ?? "";

const refresh = () => {
  const sum = lines().reduce((value, line) => value + minorUnits(amountOf(line)), 0);
  const text = (sum / 100).toLocaleString(document.documentElement.lang, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  total.textContent = `${text} ${currency()}`.trim();
  lines().forEach((line, index) => {
    line.querySelector('[data-slot="number"]').textContent = index + 1;
  });
};

const changed = () => {
  refresh();
  section.dispatchEvent(new Event("lines-changed", { bubbles: true }));
};

const add = () => {
  const index = Number(totalForms.value);
  const holder = document.createElement("div");
  holder.innerHTML = template.innerHTML.replaceAll("__prefix__", index).replaceAll("__number__", index + 1);
  const line = holder.firstElementChild;
  list.append(line);
  totalForms.value = index + 1;
  changed();
  line.querySelector("input:not([type=hidden]), select")?.focus();
};

const remove = (line) => {
  const mark = line.querySelector('[name$="-DELETE"]');
  if (mark) mark.checked = true;
  else line.querySelectorAll("input, select, textarea").forEach((field) => { field.value = ""; });
  line.hidden = true;
  changed();
  section.querySelector('[data-action="add-line"]').focus();
};

section.addEventListener("click", (event) => {
  if (event.target.closest('[data-action="add-line"]')) {
    event.preventDefault();
    add();
  }
  const button = event.target.closest('[data-action="remove-line"]');
  if (button) remove(button.closest("[data-line]"));
});
section.closest("form").addEventListener("input", refresh);
list.querySelectorAll("[data-line]").forEach((line) => {
  if (line.querySelector('[name$="-DELETE"]')?.checked) line.hidden = true;
});
refresh();
