// What the tests ask a page of JupyterLab. It runs before the page's own scripts.
window.course = (() => {
  const VIEW = "application/vnd.jupyter.widget-view+json";
  // What a reader moves; the number beside a slider is another way to the same value.
  const CONTROLS = ".jp-OutputArea-output .jupyter-widgets :is(" +
    "[role=slider], select, input, textarea, button)";
  const OF_CONTROLS = "button, .widget-slider, .widget-dropdown, .widget-text, " +
    ".widget-textarea, .widget-checkbox, .widget-radio, .widget-toggle-buttons";
  const kernelTrouble = [];

  const panel = () => window.jupyterapp.shell.currentWidget;
  const cells = () => panel().content.widgets;
  const outputs = (cell) => (cell.model.type === "code" ? cell.model.outputs.toJSON() : []);
  const text = (value) => (Array.isArray(value) ? value.join("") : value || "");
  const inOrder = (test) => cells().flatMap((cell, i) => (test(cell) ? [i] : []));

  function isBad(output) {
    return output.output_type === "error" ||
      (output.output_type === "stream" && output.name === "stderr");
  }

  function describe(output) {
    return output.output_type === "error"
      ? `error: ${output.ename}: ${output.evalue}`
      : `on stderr: ${text(output.text).trim().slice(-500)}`;
  }

  // A notebook is open when its kernel waits for work.
  function isOpen(path) {
    // One that died before it answered has been started again, and JupyterLab says so.
    document.querySelector(".jp-Dialog .jp-mod-accept")?.click();
    const now = window.jupyterapp && panel();
    if (!now || !now.content || !now.context || now.context.path !== path) return false;
    return now.context.isReady && now.sessionContext.isReady && status() === "idle";
  }

  function status() {
    const kernel = panel().sessionContext.session?.kernel;
    return kernel ? kernel.status : "none";
  }

  // The kernel answers in the order in which it is asked: what was sent before is done by then.
  async function heard() {
    const kernel = panel().sessionContext.session?.kernel;
    const late = new Promise((resolve) => setTimeout(resolve, 60000));
    if (kernel) await Promise.race([kernel.requestCommInfo({}).catch(() => null), late]);
  }

  // Errors of widgets stand in no cell: only the messages of the kernel show them.
  function listen() {
    panel().sessionContext.iopubMessage.connect((_, message) => {
      const output = { ...message.content, output_type: message.header.msg_type };
      if (isBad(output)) kernelTrouble.push(describe(output));
    });
  }

  // A page asks its new kernel for widgets, and a kernel without ipywidgets complains about that.
  // On a busy machine the complaint comes late, and would be taken for one about the notebook.
  async function loadWidgets() {
    const kernel = panel().sessionContext.session.kernel;
    const code = "__import__('ipywidgets')";
    await kernel.requestExecute({ code, silent: true, store_history: false }).done;
    await heard();
  }

  async function clearAndRun() {
    await loadWidgets();
    listen();
    await window.jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
    window.jupyterapp.commands.execute("notebook:run-all-cells"); // nobody waits for its end here
  }

  const waiting = () => inOrder((cell) =>
    cell.model.type === "code" && cell.model.sharedModel.source.trim() && !cell.model.executionCount);

  function hasEnded() {
    const stopped = inOrder((cell) => outputs(cell).some((o) => o.output_type === "error"));
    return status() === "idle" && (waiting().length === 0 || stopped.length > 0);
  }

  const problems = () => cells().flatMap((cell, i) =>
    outputs(cell).filter(isBad).map((output) => [i, describe(output)]));

  const widgetCells = () => inOrder((cell) => outputs(cell).some((o) => o.data && VIEW in o.data));

  // JupyterLab draws only the cells near the one that is seen.
  async function show(index) {
    const { content } = panel();
    content.activeCellIndex = index;
    await content.scrollToItem(index, "center");
    cells()[index].node.setAttribute("data-course-cell", index);
  }

  const node = (index) => cells()[index].node;

  // The words beside a control. A box to tick carries them itself, behind an empty label.
  function label(control) {
    const box = control.closest("button, .widget-inline-hbox");
    const words = [...(box ? box.querySelectorAll(".widget-label, .widget-label-basic") : [])];
    const said = words.length ? words.map((part) => part.textContent).join("") : box?.textContent;
    return (said || "").replace(/\u200b/g, "").trim();
  }

  function kind(control) {
    if (control.getAttribute("role") === "slider") return "slider";
    const tag = control.tagName.toLowerCase();
    return tag === "input" ? control.type : tag;
  }

  const controls = (index) => [...node(index).querySelectorAll(CONTROLS)].map((control) => ({
    kind: kind(control), label: label(control),
  }));

  function pixels(image) {
    if (!image.complete || !image.naturalWidth) return "not drawn";
    const { naturalWidth: width, naturalHeight: height } = image;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(image, 0, 0);
    let sum = width;
    const data = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
    for (const pixel of data) sum = (Math.imul(sum, 31) + pixel) | 0;
    return `${width} x ${height}: ${sum}`;
  }

  // What a widget answers: its pictures and its words, without those of its controls.
  function answer(index) {
    const seen = (image) => image.offsetParent !== null;
    const figures = [...node(index).querySelectorAll(".jupyter-widgets img")].filter(seen).map(pixels);
    const words = [...node(index).querySelectorAll(".jp-OutputArea-output")].map((output) => {
      const copy = output.cloneNode(true);
      copy.querySelectorAll(OF_CONTROLS).forEach((part) => part.remove());
      return copy.textContent.trim();
    });
    return { figures, words: words.join("\n").trim() };
  }

  return {
    CONTROLS, answer, clearAndRun, controls, hasEnded, heard, isOpen, kernelTrouble,
    problems, show, status, waiting, widgetCells,
  };
})();
