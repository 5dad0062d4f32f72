// Measure the live slides of the notebook that JupyterLab presents, in units of 1280 x 720.
window.liveSlides = (() => {
  const PAD = { x: 56, y: 36 };
  const SEEN = "img, table, hr, canvas, .jupyter-widgets";
  const CODE = "pre, code, kbd, .cm-editor, .jupyter-widgets";
  const OWN_SIZE = "sub, sup, mjx-container, svg"; // sized by the letter that they belong to

  const notebook = () => window.jupyterapp.shell.currentWidget.content;
  const type = (cell) => (cell.model.getMetadata("slideshow") || {}).slide_type;
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve()));
  const unit = () => Math.min(window.innerWidth / 1280, window.innerHeight / 720);

  /** Return for each slide the index of its last cell: there all its fragments are shown. */
  function stops() {
    const shown = notebook().widgets.flatMap((cell, i) =>
      ["slide", "subslide", "fragment"].includes(type(cell)) ? [i] : []);
    const begins = (i) => i === undefined || type(notebook().widgets[i]) !== "fragment";
    return shown.filter((_, k) => begins(shown[k + 1]));
  }

  function* texts(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.data.trim() || parent.closest("mjx-assistive-mml, style, script, option")) continue;
      if (parent.checkVisibility({ visibilityProperty: true, opacityProperty: false })) yield node;
    }
  }

  function* boxes(root) {
    for (const element of root.querySelectorAll(SEEN)) yield element.getBoundingClientRect();
    const range = document.createRange();
    for (const node of texts(root)) {
      range.selectNodeContents(node);
      yield* range.getClientRects();
    }
  }

  /** Return the size of the smallest letters of text and of code, in units. */
  function type_sizes(cells) {
    const sizes = { body: Infinity, code: Infinity };
    for (const node of cells.flatMap((cell) => [...texts(cell)])) {
      const parent = node.parentElement;
      if (parent.closest(OWN_SIZE)) continue;
      const kind = parent.closest(CODE) ? "code" : "body";
      sizes[kind] = Math.min(sizes[kind], parseFloat(getComputedStyle(parent).fontSize) / unit());
    }
    return sizes;
  }

  async function bytes(image) {
    const answer = await fetch(image.src);
    return new Uint8Array((await answer.arrayBuffer()).slice(0, 200));
  }

  /** Return the px of a picture's smallest text as shown; null if the picture does not say it. */
  async function smallest(image) {
    const head = String.fromCharCode(...(await bytes(image)));
    const found = /tEXtsmallest-text\0(none|[\d.]+)/.exec(head);
    if (!found) return null;
    if (found[1] === "none") return Infinity;
    return (Number(found[1]) * image.getBoundingClientRect().width) / image.naturalWidth / unit();
  }

  /** Show the slide that ends with a cell, and measure it. */
  async function measure(index) {
    notebook().activeCellIndex = index;
    for (let i = 0; i < 4; i += 1) await frame(); // the figures are fitted in the next frame
    const cells = [...notebook().node.querySelectorAll(".jp-Cell.jp-deck-mod-onscreen")];
    const outer = notebook().node.getBoundingClientRect();
    let [right, bottom] = [0, 0];
    for (const box of cells.flatMap((cell) => [...boxes(cell)])) {
      if (!box.width || !box.height) continue;
      right = Math.max(right, box.right - outer.left);
      bottom = Math.max(bottom, box.bottom - outer.top);
    }
    const images = cells.flatMap((cell) => [...cell.querySelectorAll("img")]);
    const drawn = images.filter((image) => image.naturalWidth > 100 && image.checkVisibility());
    return {
      index,
      over_x: right / unit() - (1280 - PAD.x),
      over_y: bottom / unit() - (720 - PAD.y),
      figures: await Promise.all(drawn.map(smallest)),
      ...type_sizes(cells),
      shown: cells.length,
    };
  }

  return { measure, stops };
})();
