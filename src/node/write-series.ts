import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { writeAtomically } from "./files.ts";

/** `npm run series`: runs the scenarios of workloads/series and writes docs/series.md from them. */
const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

const TITLE = `# The 2014 series, patch by patch

Written by \`npm run series\` from the scenarios in \`workloads/series\`: what each says on top, and what
\`pagestorm compare\` prints. The machine is Linux 3.18 with v2 of "btrfs: implement swap file support", 21 November 2014.

Patch 2 ("nfs: don't dirty ITER_BVEC pages read through direct I/O") changes nothing on btrfs. What it is for is shown by a
test (\`test/swap/series-transport.test.ts\`): without it every page read from the server is written back.
`;

function section(file: string): string {
  const text = readFileSync(path(`workloads/series/${file}`), "utf8");
  const [, ...comment] = text
    .slice(0, text.search(/^[^#]/m))
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^# ?/, ""));
  const [title = file, ...rest] = comment.join("\n").trim().split("\n");
  const args = [path("dist/src/node/main.js"), "compare", path(`workloads/series/${file}`), "--no-color"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${file}: exit status ${status}: ${stderr}${stdout}`);
  const command = `pagestorm compare workloads/series/${file}`;
  return `\n## ${title.replace(/\.$/, "")}\n\n${rest.join("\n").trim()}\n\n\`\`\`\n$ ${command}\n${stdout.trim()}\n\`\`\`\n`;
}

const files = readdirSync(path("workloads/series")).toSorted();
writeAtomically(path("docs/series.md"), TITLE + files.map(section).join(""));
