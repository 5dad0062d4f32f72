// What JupyterLab loads: a module-federation container, written by hand so that the course needs
// no JavaScript build. It hands the packages that JupyterLab shares to the plugin in plugin.js.
(() => {
  "use strict";

  const here = document.currentScript.src;
  let shared;

  /** Return a package that JupyterLab shares, in the version that it runs. */
  async function use(name) {
    const versions = Object.values((shared && shared[name]) || {});
    const entry = versions.find((version) => version.loaded) || versions[0];
    if (!entry) throw new Error(`JupyterLab does not share the package ${name}`);
    return (await entry.get())();
  }

  /** Load a classic script that stands beside this one. */
  function script(name) {
    return new Promise((resolve, reject) => {
      const node = document.createElement("script");
      node.src = new URL(name, here).href;
      node.onload = resolve;
      node.onerror = () => reject(new Error(`${node.src} could not be loaded`));
      document.head.append(node);
    });
  }

  function style(name) {
    const node = document.createElement("link");
    node.rel = "stylesheet";
    node.href = new URL(name, here).href;
    document.head.append(node);
  }

  async function get() {
    ["slides.css", "live.css"].forEach(style);
    await script("fit.js");
    const { makePlugin } = await import(new URL("plugin.js", here).href);
    const plugin = makePlugin(await use("@jupyterlab/notebook"));
    return () => ({ __esModule: true, default: plugin });
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["rnn-course-present"] = {
    get,
    init: (scope) => {
      shared = scope;
    },
  };
})();
