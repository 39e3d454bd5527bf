// Sets the theme before the first paint, so it is a classic script in the head. Without it the style sheets
// follow the system's choice by themselves.
(() => {
  const key = "goflow-theme";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  const stored = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is off: follow the system
    }
  };
  const apply = () => {
    root.dataset.bsTheme = stored() ?? (system.matches ? "dark" : "light");
  };
  const toggle = () => {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    const isSystem = (next === "dark") === system.matches;
    try {
      if (isSystem) localStorage.removeItem(key);
      else localStorage.setItem(key, next);
    } catch {
      // storage is off: the choice holds for this page
    }
    root.dataset.bsTheme = next;
  };

  root.classList.add("js");
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", (event) => event.key === key && apply());
  document.addEventListener("click", (event) => {
    if (event.target.closest?.('[data-action="toggle-theme"]')) toggle();
  });
})();
