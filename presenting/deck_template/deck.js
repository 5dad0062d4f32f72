// Start of a deck: draw the formulas, fit the figures, then hand over to reveal.js.
(() => {
  "use strict";

  const AVAILABLE = 720 - 2 * 36; // px: the slide without its padding
  const SETTINGS = {
    width: 1280,
    height: 720,
    margin: 0,
    minScale: 0.1,
    maxScale: 6,
    center: false,
    controls: false,
    progress: true,
    slideNumber: "c/t",
    hash: true,
    hashOneBasedIndex: true,
    transition: "none",
    backgroundTransition: "none",
    scrollActivationWidth: null,
    pdfSeparateFragments: false,
    pdfMaxPagesPerSlide: 1,
    keyboard: { 38: "prev", 40: "next" },
    plugins: [RevealNotes],
  };
  const root = document.documentElement;
  const wrapper = document.querySelector(".reveal");

  function fitAll() {
    for (const content of document.querySelectorAll(".deck-content")) {
      window.fitSlide(content, AVAILABLE);
    }
  }

  /** Say at the bottom to which section a slide without a heading of its own belongs. */
  function nameSection() {
    const slides = Reveal.getSlides();
    const above = slides.slice(0, slides.indexOf(Reveal.getCurrentSlide()) + 1).reverse();
    const headings = above.map((slide) => slide.querySelector("h1, h2"));
    const section = headings[0] ? null : headings.find(Boolean);
    document.querySelector(".deck-section").textContent = section ? section.textContent : "";
  }

  function mark() {
    wrapper.classList.toggle("at-start", Reveal.isFirstSlide());
    nameSection();
  }

  /** On paper every slide is there to be read, also aloud. */
  function showAllToReaders() {
    for (const section of document.querySelectorAll(".pdf-page > section")) {
      section.hidden = false;
      section.removeAttribute("aria-hidden");
    }
  }

  /** Keep the space bar for a player or a link that has the focus. */
  function keyIsForSlides(event) {
    const focused = document.activeElement;
    return !(focused && focused.matches("audio, video, a, summary") && [" ", "Enter"].includes(event.key));
  }

  async function start() {
    const images = [...document.images].map((image) => image.decode().catch(() => {}));
    await Promise.all([MathJax.startup.promise, ...images]);
    await MathJax.typesetPromise([...document.querySelectorAll(".deck-text, .notes")]);
    fitAll();
    Reveal.on("pdf-ready", showAllToReaders);
    await Reveal.initialize({ ...SETTINGS, keyboardCondition: keyIsForSlides });
    Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Light or dark" }, window.switchTheme);
    Reveal.on("slidechanged", mark);
    mark();
    root.classList.add("deck-ready");
  }

  window.deckReady = start();
})();
