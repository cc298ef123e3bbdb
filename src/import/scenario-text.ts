import { PAGE_SIZE } from "../../sim/index.ts";
import type { ImportedDisk } from "./assemble.ts";
import type { Fragments } from "./filefrag.ts";
import { chunkAt } from "./lookup.ts";

/** The line that sums a filesystem up, as the measured states are listed. */
export function summaryOf({ chunkTree, extentTree, swapFile }: ImportedDisk): string {
  const { generation } = extentTree;
  const counts = `generation ${generation}, ${chunkTree.chunks.length} chunks, ${extentTree.extents.length} data extents, ${extentTree.treeBlocks.length} tree blocks`;
  if (!swapFile) return counts;
  const groups = new Set<number>();
  const devices = new Set<number>();
  for (const { address, length } of swapFile.rows) {
    for (let at = address; at < address + length; ) {
      const chunk = chunkAt(chunkTree, at)!;
      groups.add(chunk.start);
      for (const { devid } of chunk.stripes) devices.add(devid);
      at = chunk.start + chunk.length;
    }
  }
  const list = (numbers: ReadonlySet<number>): string =>
    `[${[...numbers].toSorted((a, b) => a - b).join(", ")}]`;
  return `${counts}; swap file: ${swapFile.rows.length} filefrag lines, ${swapFile.runs} physical runs, block groups ${list(groups)}, devices ${list(devices)}`;
}

/** Memory of the machine, bytes: an estimate, since no text says how much the real one has. */
const MEMORY = 256 * 1024 * 1024;
/** Most bytes that the load has beyond the memory, so that a large swap file is not filled. */
const BEYOND_MEMORY = 128 * 1024 * 1024;

/** A scenario of the imported filesystem: a load that swaps to its swap file; meanwhile a full balance, and fstrim. */
export function scenarioText(folder: string, disk: ImportedDisk): string {
  const names = disk.devices.map((_, index) => `vd${String.fromCharCode(97 + index)}`);
  const { chunkTree, extentTree, fragments, usage, swapFile, assumed } = disk;
  const lines = [
    `# Imported by pagestorm import ${folder}`,
    "#",
    `# ${summaryOf(disk)}`,
    "#",
    "# Taken from:",
    `# - ${chunkTree.file}: devices and chunks`,
    `# - ${extentTree.file}: data extents, their first owners, tree blocks`,
    ...fragments.map(({ file, path }) => `# - ${file}: where ${path} lies`),
    ...(usage ? [`# - ${usage.file}: checked against the trees`] : []),
    "#",
    "# Assumed:",
    ...assumed.map((sentence) => `# - ${sentence}`),
    "",
    `name: ${JSON.stringify(`imported from ${folder}`)}`,
    ...(swapFile ? loadLines(swapFile) : ["strategies: [pinned]"]),
    "duration: 60s",
    "timeline:",
    "  - { id: balance, at: 10s, do: balance, type: all }",
    // What a weekly timer does; without it nobody notices that swap writes to blocks that the balance freed.
    "  - { id: fstrim, after: balance, do: fstrim }",
    `machine: { memory: ${MEMORY / 1024 / 1024}MiB, cpus: 2, kernel: linux-6.1 }`,
    "storage:",
    ...disk.devices.map((size, index) => `  ${names[index]}: { model: nvme-consumer, size: ${size} }`),
    ...filesystemLines(disk, names),
  ];
  return `${lines.join("\n")}\n`;
}

/** Swap, a task that needs it, and the strategies to compare. */
function loadLines({ path, size }: Fragments): readonly string[] {
  const bytes = MEMORY + Math.min(size / 2, BEYOND_MEMORY);
  const task = `pattern: hotcold, pages: ${Math.floor(bytes / PAGE_SIZE)}, hot: 0.1, probability: 0.95, writes: 0.3`;
  return [
    `swap: [{ path: ${JSON.stringify(path)} }]`,
    "strategies: [bmap, pinned, direct-io]",
    "tasks:",
    `  load: { ${task}, cpu: 20us, init: true }`,
  ];
}

/** The layout comes last: it is long, and nobody edits it. */
function filesystemLines({ layout }: ImportedDisk, devices: readonly string[]): readonly string[] {
  return [
    "filesystem:",
    "  type: btrfs",
    `  devices: [${devices.join(", ")}]`,
    "  layout: |",
    "    # chunk START LENGTH TYPE PROFILE DEVICE:OFFSET…, all in bytes",
    ...layout.chunks.map(({ start, length, type, profile, stripes }) => {
      const places = stripes.map(({ device, offset }) => `${device}:${offset}`);
      return `    chunk ${start} ${length} ${type} ${profile} ${places.join(" ")}`;
    }),
    "    # file SIZE [nocow] PATH, and below it piece OFFSET LENGTH EXTENT-START EXTENT-LENGTH OFFSET-IN-EXTENT",
    ...layout.files.flatMap(({ path, size, nocow, pieces }) => [
      `    file ${size} ${nocow ? "nocow " : ""}${path}`,
      ...pieces.map(({ offset, length, extent, extentOffset, unwritten }) => {
        const flag = unwritten ? " unwritten" : "";
        return `    piece ${offset} ${length} ${extent.start} ${extent.length} ${extentOffset}${flag}`;
      }),
    ]),
  ];
}
