// The screen of a presentation: figures that fit, the slide's number, one line for messages.

const UNITS = { width: 1280, height: 720, pad: 36, side: 56 };

/** Return how many px a slide unit has in this window. */
function unit() {
  return Math.min(window.innerWidth / UNITS.width, window.innerHeight / UNITS.height);
}

export const isPresenting = () => document.body.dataset.jpDeckMode === "presenting";

export function slideType(cell) {
  return (cell.model.getMetadata("slideshow") || {}).slide_type;
}

/** Return the indices of the cells that begin a slide. */
export function starts(notebook) {
  return notebook.widgets.flatMap((cell, i) =>
    ["slide", "subslide"].includes(slideType(cell)) ? [i] : []
  );
}

function line(className) {
  const node = document.createElement("div");
  node.className = `rnn-slide-line ${className}`;
  document.body.append(node);
  return node;
}

export class Screen {
  constructor() {
    this.panels = new WeakSet();
    this.message = line("rnn-slide-message");
    this.message.setAttribute("role", "status");
    this.section = line("rnn-slide-section");
    this.number = line("rnn-slide-number");
    this.fit = this.fit.bind(this);
    window.addEventListener("resize", () => this.fitSoon());
  }

  say(text) {
    this.message.textContent = text;
    this.section.hidden = text !== "";
  }

  /** Fit the figures again whenever the slide or what is on it changes. */
  watch(panel) {
    this.panel = panel;
    if (this.panels.has(panel)) return;
    this.panels.add(panel);
    const { content } = panel;
    content.activeCellChanged.connect(() => this.fitSoon());
    new ResizeObserver(() => this.fitSoon()).observe(content.viewportNode);
    content.node.addEventListener("load", () => this.fitSoon(), true);
    content.node.addEventListener("keydown", (event) => this.leaveWidget(event));
    content.node.addEventListener("focusin", ({ target }) => this.guard(target));
  }

  /** A slider that has the focus keeps its arrow keys; Escape gives them back to the slides. */
  guard(target) {
    const box = target.closest && target.closest(".jupyter-widgets");
    if (box) box.dataset.lmSuppressShortcuts = "true";
  }

  leaveWidget(event) {
    if (event.key !== "Escape" || !event.target.closest(".jupyter-widgets")) return;
    const cell = event.target.closest(".jp-Cell");
    if (!cell) return;
    event.preventDefault();
    event.stopPropagation();
    cell.focus();
  }

  fitSoon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(this.fit);
  }

  fit() {
    if (!isPresenting() || !this.panel) return;
    document.documentElement.style.setProperty("--slide-unit", `${unit()}px`);
    const { content } = this.panel;
    const cells = content.widgets.map((cell) => cell.node);
    const shown = cells.filter((node) => node.classList.contains("jp-deck-mod-onscreen"));
    const height = () => shown.reduce((sum, node) => sum + outerHeight(node), 0);
    const slide = { querySelectorAll: (what) => shown.flatMap((n) => [...n.querySelectorAll(what)]) };
    const available = (UNITS.height - 2 * UNITS.pad) * unit();
    const widest = (UNITS.width - 2 * UNITS.side) * unit();
    window.fitSlide(slide, available, { height, unit: unit(), widest });
    this.count();
  }

  /** Say which slide of how many this is, and in which section. */
  count() {
    const { content } = this.panel;
    const all = starts(content);
    const now = all.filter((i) => i <= content.activeCellIndex).length;
    this.number.textContent = `${now} / ${all.length}`;
    const above = content.widgets.slice(0, content.activeCellIndex + 1).reverse();
    const headings = above.flatMap((cell) => /^##? (.+)/m.exec(textOf(cell)) || []);
    this.section.textContent = headings[1] || "";
  }
}

function textOf(cell) {
  return cell.model.type === "markdown" ? cell.model.sharedModel.source : "";
}

function outerHeight(node) {
  const style = getComputedStyle(node);
  return node.offsetHeight + parseFloat(style.marginTop) + parseFloat(style.marginBottom);
}
