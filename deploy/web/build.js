// Packs GraphiQL's page with the editors' workers, and the board by itself, into built/, from where the gateway serves
// them: no network, no build step when it runs.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const SHARED = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "linked",
  logLevel: "warning",
};

await build({
  ...SHARED,
  entryPoints: {
    page: "page.jsx",
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
  },
  outdir: "built",
  loader: { ".ttf": "file", ".woff": "file", ".woff2": "file" },
});

await build({
  ...SHARED,
  entryPoints: { board: "board/board.jsx" },
  outdir: "built/board",
  jsxImportSource: "preact",
  // What it asks is a document like any other, which is checked against the schema.
  loader: { ".graphql": "text" },
});

// Whoever installs the board passes these on, and their licences with them.
const PASSED_ON = { preact: "LICENSE", uplot: "LICENSE", "graphql-ws": "LICENSE.md" };
const licences = Object.entries(PASSED_ON).map(
  async ([name, file]) => `${name}\n\n${await readFile(`node_modules/${name}/${file}`, "utf8")}`,
);
await writeFile("built/board/LICENCES.txt", (await Promise.all(licences)).join("\n\n"));
