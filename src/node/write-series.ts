import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commentOnTop } from "../scenario/index.ts";
import { writeAtomically } from "./files.ts";

/** `npm run series`: runs the scenarios of workloads/series and writes docs/series.md from them. */
const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

const TITLE = `# The 2014 series, patch by patch

Written by \`npm run series\` from the scenarios in \`workloads/series\`: what each says on top, and what
\`pagestorm compare\` prints. The machine is Linux 3.18 with v2 of "btrfs: implement swap file support", 21 November 2014.
`;

const LOSSES = `
## Where v2 loses or falsifies pages

Tests named after these: \`test/fs/btrfs/era-2014/losses.test.ts\`, \`test/series-2014.test.ts\`, \`test/mm/unreadable-slots.test.ts\`.

| | what happens | what comes of it |
|---|---|---|
| L1 | write(2) to the active file | the page is what was written |
| L2 | a clone onto the active file | the page is the block that was cloned, or zeroes |
| L3 | the file is defragmented with compression | its slots can be neither read nor written |
| L4 | swapoff while a slot cannot be read | the task gets what was in the frame |
| L5 | page-outs after the filesystem was aborted | they succeed, and their mapping is dropped |
| L6 | balance copies a block between decision and write of a page-out | the page is the old one |
| L7 | a device write error | the page stays; the next I/O on its slot, sync, snapshot and balance wait for ever |
| L8 | no memory for a structure of the bio | the slot stays locked, or the task waits for a bio that was never sent |
| L9 | the read of a page read ahead fails | its fault gets SIGBUS though a second read would succeed |
| L10 | a snapshot is made between decision and write of a page-out | the snapshot changes |
| L11 | no memory for an extent state | a kernel BUG; without other structures the page stays |
| L12 | a truncate waits for swapon | the first page-out lets it in before the file is a swap file |

## Where v2 hangs

Tests named after these: \`test/fs/btrfs/era-2014/hangs.test.ts\`. The first column of the cycle waits for the last.

| | cycle |
|---|---|
| D3 | i_mutex is unlocked by a page-out that does not hold it; with mutex debugging it stays locked |
| D4, D5 | reader, defragmentation, clone: extent lock, memory, reclaim, page-out, the same extent lock |
| D6 | filefrag with its buffer in a slot of that file: extent lock, page-in, the same extent lock |
| D7 | page-in with its slot locked, memory, reclaim, page-out, a range locker in the queue, the page-in |
| D8 | commit with node locks, memory, reclaim, page-out, the node locks; a frozen filesystem holds every page-out |
| D9 | a page-out inside a transaction uses its handle; a commit there for want of space frees it (oops); inside a send it takes a mark for one (oops) |
| D10 | page-out, ordered extent, its worker, a commit that waits for memory |
| D11 | worker, memory, reclaim, page-out to the slot it completes, its own ordered extent |
| D12 | tree search with its buffer in a slot, a page-in that has to look into the tree, a writer between the two |
| D13 | page-in over NFS with i_mutex, memory, reclaim, page-out, the same i_mutex |
| D14 | anybody who reclaims, a slot that L7 or L8 left behind |

Not modelled: a transaction handle of another filesystem (the rest of D9), because a machine has one filesystem.

## Found by search

\`workloads/explore/2014-*.yaml\` are machines of a few pages for L6, L10, L12 and for D4 to D8 and D11 to D14. Nothing goes
wrong on them in simulated time, nor if everybody steps in turn; the explorer finds the order of steps that does it, or
where memory has to be short for it:

\`\`\`
$ pagestorm explore workloads/explore/2014-D07-page-in-and-range-locker.yaml --strategy 'direct-io(era=2014)' --broken
\`\`\`

Without \`--broken\` the fix is on that each file names, and nothing is found. Tests: \`test/explore/era-2014.test.ts\`.
`;

function section(file: string): string {
  const text = readFileSync(path(`workloads/series/${file}`), "utf8");
  const [title, ...rest] = commentOnTop(text).split("\n");
  const args = [path("dist/cli/main.js"), "compare", path(`workloads/series/${file}`), "--no-color"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${file}: exit status ${status}: ${stderr}${stdout}`);
  const command = `pagestorm compare workloads/series/${file}`;
  return `\n## ${(title || file).replace(/\.$/, "")}\n\n${rest.join("\n").trim()}\n\n\`\`\`\n$ ${command}\n${stdout.trim()}\n\`\`\`\n`;
}

const files = readdirSync(path("workloads/series")).toSorted();
writeAtomically(path("docs/series.md"), TITLE + files.map(section).join("") + LOSSES);
