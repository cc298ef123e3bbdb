import { defineConfig } from "vitest/config";

/** Takes the pictures of docs/images: `npm run screenshots`. */
export default defineConfig({
  test: { include: ["test/screenshots/**/*.test.ts"] },
});
