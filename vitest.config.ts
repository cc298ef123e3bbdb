import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["dist/**", "node_modules/**", "test/long/**", "test/screenshots/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Modules of the project hold no state but the probes' counters, and loading them for each file took a quarter of the whole time.
    isolate: false,
    // Left out, one processor stays idle, of two: nobody watches the files meanwhile.
    maxWorkers: "100%",
  },
});
