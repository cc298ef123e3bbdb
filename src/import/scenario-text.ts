import { chunkAt, type ImportedDisk } from "./assemble.ts";

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

/** Memory of the machine: what little a balance with a quiet swap file needs. */
const MEMORY = "256MiB";

/** A scenario of the imported filesystem: swap on its swap file, and a full balance. */
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
    `machine: { memory: ${MEMORY}, cpus: 2, kernel: linux-6.1 }`,
    "storage:",
    ...disk.devices.map((size, index) => `  ${names[index]}: { model: nvme-consumer, size: ${size} }`),
    "filesystem:",
    "  type: btrfs",
    `  devices: [${names.join(", ")}]`,
    "  layout: |",
    "    # chunk START LENGTH TYPE PROFILE DEVICE:OFFSET…, all in bytes",
    ...disk.layout.chunks.map(({ start, length, type, profile, stripes }) => {
      const places = stripes.map(({ device, offset }) => `${device}:${offset}`);
      return `    chunk ${start} ${length} ${type} ${profile} ${places.join(" ")}`;
    }),
    "    # file SIZE [nocow] PATH, and below it piece OFFSET LENGTH EXTENT-START EXTENT-LENGTH OFFSET-IN-EXTENT",
    ...disk.layout.files.flatMap(({ path, size, nocow, pieces }) => [
      `    file ${size} ${nocow ? "nocow " : ""}${path}`,
      ...pieces.map(({ offset, length, extent, extentOffset, unwritten }) => {
        const flag = unwritten ? " unwritten" : "";
        return `    piece ${offset} ${length} ${extent.start} ${extent.length} ${extentOffset}${flag}`;
      }),
    ]),
    ...(swapFile ? [`swap: [{ path: ${JSON.stringify(swapFile.path)} }]`] : []),
    "strategies: [pinned]",
    "duration: 1h",
    "timeline:",
    "  - { id: balance, at: 1s, do: balance, type: all, expect: ok }",
  ];
  return `${lines.join("\n")}\n`;
}
