// Measure every slide of the deck in this page, all fragments shown, in px of a 1280 x 720 slide.
() => {
  "use strict";

  const PAD_X = 56;
  const PAD_Y = 36;

  /** Yield the boxes of what a reader sees: pictures, blocks, and each line of text. */
  function* boxes(content) {
    const walker = document.createTreeWalker(content, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.closest("mjx-assistive-mml, svg")) continue; // clipped to one pixel
      if (node.nodeType === Node.ELEMENT_NODE) {
        if (!node.matches("mjx-assistive-mml")) yield node.getBoundingClientRect();
      } else if (node.data.trim()) {
        range.selectNodeContents(node);
        yield* range.getClientRects();
      }
    }
  }

  /** Measure one picture: its height now, at natural size, and with text of 12 px. */
  function figure(image, unit) {
    const shown = image.getBoundingClientRect();
    const smallest = image.dataset.smallestText ? Number(image.dataset.smallestText) : null;
    const scale = shown.width / unit / image.naturalWidth;
    const least = smallest ? Math.min(1, 12 / smallest) : 1;
    return {
      text: smallest && smallest * scale,
      shown: shown.height / unit,
      natural: image.naturalHeight,
      least: image.naturalHeight * least,
    };
  }

  /** Measure one cell: its height now, with natural figures, and with figures as small as may be. */
  function cell(element, unit) {
    const height = element.getBoundingClientRect().height / unit;
    const figures = [...element.querySelectorAll("img.deck-figure")].map((img) => figure(img, unit));
    const change = (key) => figures.reduce((sum, one) => sum + one[key] - one.shown, 0);
    return {
      index: Number(element.dataset.cell),
      height,
      natural: height + change("natural"),
      least: height + change("least"),
      texts: figures.map((one) => one.text),
    };
  }

  function slide(section, unit) {
    const content = section.querySelector(".deck-content");
    const outer = section.getBoundingClientRect();
    let right = 0;
    let bottom = 0;
    for (const box of boxes(content)) {
      if (!box.width || !box.height) continue;
      right = Math.max(right, box.right - outer.left);
      bottom = Math.max(bottom, box.bottom - outer.top);
    }
    return {
      heading: content.querySelector("h1, h2, h3, h4, h5, h6")?.textContent.trim() || "",
      overflow_x: right / unit - (1280 - PAD_X),
      overflow_y: bottom / unit - (720 - PAD_Y),
      cells: [...content.querySelectorAll("[data-cell]")].map((element) => cell(element, unit)),
    };
  }

  return Reveal.getSlides().map((section) => {
    const { h } = Reveal.getIndices(section);
    Reveal.slide(h, 0, section.querySelectorAll(".fragment").length);
    return slide(section, Reveal.getScale());
  });
};
