import { defineConfig } from "vite";

/**
 * Bundles the command line: main thread and worker threads would otherwise load 300 modules each, which took longer
 * than all else that a short scenario does. Licences of what is bundled go beside it.
 */
export default defineConfig({
  logLevel: "warn",
  ssr: { noExternal: true },
  build: {
    outDir: "dist/cli",
    ssr: true,
    target: "node20",
    minify: false,
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      input: {
        main: "src/node/main.ts",
        worker: "src/node/worker.ts",
        "case-worker": "src/node/case-worker.ts",
        "row-worker": "src/node/row-worker.ts",
        "bug-worker": "src/node/bug-worker.ts",
        "explore-worker": "src/node/explore-worker.ts",
      },
    },
  },
});
