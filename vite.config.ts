import { defineConfig } from "vite";

/** Bundles the script and the style of the HTML report; the command puts both into the page. */
export default defineConfig({
  logLevel: "warn",
  build: {
    outDir: "dist/report",
    cssCodeSplit: false,
    lib: {
      entry: "src/web/report.ts",
      formats: ["iife"],
      name: "pagestormReport",
      fileName: () => "report.js",
      cssFileName: "report",
    },
  },
});
