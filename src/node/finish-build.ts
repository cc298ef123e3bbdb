import { chmodSync } from "node:fs";
import { packageFile } from "./package-files.ts";

/** Run after the bundler: makes the command executable, which it does not. */
chmodSync(packageFile("dist/cli/main.js"), 0o755);
