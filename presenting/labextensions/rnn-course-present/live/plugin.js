// The commands of a presentation. The slides themselves are jupyterlab-slideshow's.
import { Runner } from "./runner.js";
import { Screen, isPresenting, slideType, starts } from "./screen.js";

const DECK = ".jp-Deck .jp-Notebook";
const COMMAND_MODE = `${DECK}.jp-mod-commandMode:not(.jp-mod-readWrite) :focus`;
const EDIT_MODE = `${DECK}.jp-mod-editMode`;
// A presenter's remote control sends Page Down and Page Up.
const KEYS = [
  ["rnn-course:next", ["PageDown"]],
  ["rnn-course:next", ["ArrowRight"]],
  ["rnn-course:next", ["Space"]],
  ["rnn-course:previous", ["PageUp"]],
  ["rnn-course:previous", ["ArrowLeft"]],
  ["rnn-course:previous", ["Shift Space"]],
  ["rnn-course:first", ["Home"]],
  ["rnn-course:last", ["End"]],
  ["rnn-course:run", ["Shift Enter"]],
  ["rnn-course:run", ["Accel Enter"]],
];

// The notebook that `make present` asks for, as it stands in the address; null without one.
const asWritten = /\/workspaces\/present\/tree\/(.+)$/.exec(window.location.pathname);

/** Tell whether a panel is that notebook. */
function isNamed(panel) {
  return decodeURIComponent(asWritten[1]) === panel.context.path;
}

/** Return the notebook panel in front, or null. */
function panelOf(app) {
  const widget = app.shell.currentWidget;
  return widget && widget.content && widget.content.widgets && widget.sessionContext ? widget : null;
}

/** Return the code cells before the first one that is shown: they find the course and import. */
function setupCells(notebook) {
  const code = notebook.widgets.filter((cell) => cell.model.type === "code");
  const shown = code.findIndex((cell) => slideType(cell) !== "skip");
  return code.slice(0, shown < 0 ? code.length : shown);
}

/** Resolve when the notebook has its cells and a kernel. */
async function ready(panel) {
  await panel.context.ready;
  await panel.sessionContext.ready;
  await Promise.all(panel.content.widgets.map((cell) => cell.ready));
}

export function makePlugin({ NotebookActions }) {
  return {
    id: "rnn-course-present:plugin",
    autoStart: true,
    activate: (app) => {
      const { commands } = app;
      const screen = new Screen();
      const runner = new Runner(NotebookActions, (text) => screen.say(text));
      const go = (direction) => () => commands.execute("deck:go", { direction });

      let begun = false; // somebody has asked this page for slides

      async function present() {
        const panel = panelOf(app);
        if (!panel) return;
        begun = true;
        await ready(panel);
        panel.content.activeCellIndex = starts(panel.content)[0] || 0;
        panel.content.mode = "command";
        screen.watch(panel);
        await commands.execute("deck:start");
        screen.fit();
        panel.content.activeCell.node.focus();
        await runner.run(panel, setupCells(panel.content));
      }

      function jump(index) {
        const panel = panelOf(app);
        const all = panel ? starts(panel.content) : [];
        if (all.length) panel.content.activeCellIndex = all.at(index);
      }

      const add = (id, label, execute) => commands.addCommand(`rnn-course:${id}`, { label, execute });
      commands.addCommand("rnn-course:present", {
        label: "Present",
        caption: "Present this lesson as slides, from the first one",
        execute: () => (isPresenting() ? commands.execute("deck:stop") : present()),
      });
      add("next", "Go on in the slides", go("forward"));
      add("previous", "Go back in the slides", go("back"));
      add("first", "First slide", () => jump(0));
      add("last", "Last slide", () => jump(-1));
      add("run", "Run the cell on the slide", () => {
        const panel = panelOf(app);
        return panel && runner.runUpTo(panel, panel.content.activeCellIndex);
      });
      for (const [command, keys] of KEYS) {
        commands.addKeyBinding({ command, keys, selector: COMMAND_MODE });
      }
      commands.addKeyBinding({ command: "rnn-course:run", keys: ["Shift Enter"], selector: EDIT_MODE });
      commands.addKeyBinding({ command: "rnn-course:run", keys: ["Accel Enter"], selector: EDIT_MODE });

      // Slides that were started in another way get the same screen.
      new MutationObserver(() => isPresenting() && panelOf(app) && screen.watch(panelOf(app))).observe(
        document.body,
        { attributeFilter: ["data-jp-deck-mode"] }
      );
      // `make present` opens the notebook in this workspace. In any other one, a page that was
      // closed during a presentation opens as a notebook again.
      const asked = asWritten !== null;
      const wanted = () => panelOf(app) && isNamed(panelOf(app));
      app.restored
        .then(() => until(() => (asked ? wanted() : begun || isPresenting()), asked ? 60 : 10))
        .then((found) => found && (asked ? present() : begun || commands.execute("deck:stop")));
    },
  };
}

/** Resolve with the value of `found` once it is there, or with null after some seconds. */
async function until(found, seconds) {
  for (let i = 0; i < 10 * seconds; i += 1) {
    if (found()) return found();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return null;
}
