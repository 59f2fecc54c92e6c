// The editors check what is typed in workers of their own; each is a file beside this one.
const FILES = { json: "json.worker.js", graphql: "graphql.worker.js" };

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    return new Worker(new URL(FILES[label] ?? "editor.worker.js", import.meta.url), { type: "module" });
  },
};
