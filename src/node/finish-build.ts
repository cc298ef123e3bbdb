import { chmodSync } from "node:fs";

/** Run after the compiler: makes the command executable, which `tsc` does not. */
chmodSync(new URL("./main.js", import.meta.url), 0o755);
