// Light or dark, before anything is drawn: ?theme=dark, else what the reader's system prefers.
(() => {
  "use strict";

  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const query = new URLSearchParams(window.location.search);
  const onPaper = query.has("print-pdf");
  let chosen = query.get("theme");
  if (!["light", "dark"].includes(chosen)) chosen = onPaper ? "light" : null;

  function apply() {
    root.dataset.theme = chosen || (system.matches ? "dark" : "light");
  }

  /** Change between light and dark; from then on the system's choice is not followed. */
  window.switchTheme = () => {
    chosen = root.dataset.theme === "dark" ? "light" : "dark";
    apply();
  };

  system.addEventListener("change", apply);
  apply();
})();
