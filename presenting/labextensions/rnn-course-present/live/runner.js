// Running cells during a presentation: in place, and never on top of cells that did not run.

/** Runs cells of a notebook, and remembers which ones this kernel has run. */
export class Runner {
  constructor(NotebookActions, say) {
    this.actions = NotebookActions;
    this.say = say;
    this.ran = new WeakMap(); // session context -> ids of the cells that its kernel has run
    this.busy = Promise.resolve();
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      const panel = notebook.parent;
      if (success && panel && panel.sessionContext) this.done(panel).add(cell.model.id);
    });
  }

  /** Return the set of cells that have run; a new kernel starts with an empty one. */
  done(panel) {
    const context = panel.sessionContext;
    if (!this.ran.has(context)) {
      const forget = () => this.ran.set(context, new Set());
      forget();
      context.kernelChanged.connect(forget);
      context.statusChanged.connect((_, status) => {
        if (["restarting", "autorestarting"].includes(status)) forget();
      });
    }
    return this.ran.get(context);
  }

  /** Run the cell at an index, and before it every code cell above that has not run yet. */
  runUpTo(panel, index) {
    const cells = panel.content.widgets.slice(0, index + 1);
    const target = cells.at(-1);
    return this.run(
      panel,
      cells.filter(
        (cell) =>
          cell.model.type === "code" &&
          (cell === target || !this.done(panel).has(cell.model.id))
      )
    );
  }

  /** Run cells one after the other; the slide stays where it is. Stop at the first error. */
  run(panel, cells) {
    this.busy = this.busy.then(() => this.runNow(panel, cells)).catch(console.error);
    return this.busy;
  }

  async runNow(panel, cells) {
    const { content, sessionContext } = panel;
    for (const [i, cell] of cells.entries()) {
      this.say(cells.length > 1 ? `Running cell ${i + 1} of ${cells.length} …` : "Running …");
      const good = await this.actions.runCells(content, [cell], sessionContext);
      if (!good) {
        this.say(`Stopped: cell ${i + 1} of ${cells.length} failed. Press Esc to see the notebook.`);
        return false;
      }
    }
    this.say("");
    return true;
  }
}
