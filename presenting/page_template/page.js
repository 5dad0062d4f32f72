// Draw the formulas of a page.
window.pageReady = MathJax.startup.promise
  .then(() => MathJax.typesetPromise([...document.querySelectorAll(".jp-RenderedMarkdown")]))
  .then(() => document.documentElement.classList.add("page-ready"));
