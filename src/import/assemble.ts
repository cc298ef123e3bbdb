import type { LaidDisk, LaidFile, LaidPiece } from "../../sim/index.ts";
import { checkFragments, checkTrees, checkUsage } from "./checks.ts";
import {
  type ChunkTree,
  type DumpedExtent,
  type ExtentTree,
  holdersOf,
  readChunkTree,
  readExtentTree,
} from "./dump-tree.ts";
import { type Fragments, readFilefrag } from "./filefrag.ts";
import { extentsUnder, isWithoutPlace } from "./lookup.ts";
import { type DumpText, ImportProblem } from "./problem.ts";
import { readUsage, type Usage } from "./usage.ts";

/** File of all extents whose item names no file by itself. */
const NAMELESS = "/imported/nameless";
/** Second owner of extents that are shared with somebody whom the texts do not name. */
const SHARED = "/imported/shared";

/** What the texts of one filesystem say, put together. */
export interface ImportedDisk {
  readonly chunkTree: ChunkTree;
  readonly extentTree: ExtentTree;
  readonly fragments: readonly Fragments[];
  readonly usage: Usage | undefined;
  /** The file that is swapped to; undefined if none looks like one. */
  readonly swapFile: Fragments | undefined;
  /** Sizes of the devices in the order of their ids. */
  readonly devices: readonly number[];
  readonly layout: LaidDisk;
  /** Sentences: what was not in the texts. */
  readonly assumed: readonly string[];
}

/** What a text is, by how it begins. */
function kindOf({ text }: DumpText): "chunk" | "extent" | "filefrag" | "usage" | undefined {
  const head = text.slice(0, 400);
  if (/^chunk tree$/m.test(head)) return "chunk";
  if (/^extent tree key/m.test(head)) return "extent";
  if (/^File size of .* is /m.test(head)) return "filefrag";
  // usage -T prints the same figures as a table, which is another text.
  const isTable = /^Id Path/m.test(text);
  return /^Overall:\s*$/m.test(head) && !isTable ? "usage" : undefined;
}

/** Puts the texts of a folder together. Throws an ImportProblem if one is damaged or belongs to another filesystem. */
export function importDisk(folder: string, texts: readonly DumpText[]): ImportedDisk {
  const of = (kind: string): readonly DumpText[] => texts.filter((text) => kindOf(text) === kind);
  const only = (kind: string, command: string): DumpText => {
    const [first, second] = of(kind);
    if (!first) throw new ImportProblem(folder, 0, `no text of ${command}`, "one file with it");
    if (second)
      throw new ImportProblem(second.file, 1, `a second text of ${command}`, `one, as in ${first.file}`);
    return first;
  };
  const chunkTree = readChunkTree(only("chunk", "btrfs inspect-internal dump-tree -t chunk"));
  const extentTree = readExtentTree(only("extent", "btrfs inspect-internal dump-tree -t extent"));
  const fragments = of("filefrag").map(readFilefrag);
  const [usageText] = of("usage");
  const usage = usageText && readUsage(usageText);
  checkTrees(chunkTree, extentTree);
  if (usage) checkUsage(usage, chunkTree, extentTree);
  for (const file of fragments) checkFragments(file, chunkTree, extentTree);
  const devices = chunkTree.devices.toSorted((a, b) => a.devid - b.devid);
  const swapFile = fragments.find(({ path }) => /swap/i.test(path));
  return {
    chunkTree,
    extentTree,
    fragments,
    usage,
    swapFile,
    devices: devices.map(({ totalBytes }) => totalBytes),
    layout: { chunks: laidChunks(chunkTree), files: laidFiles(extentTree, fragments, swapFile) },
    assumed: assumptions(extentTree, fragments, usage, swapFile),
  };
}

function laidChunks({ chunks, devices }: ChunkTree): LaidDisk["chunks"] {
  const order = devices.map(({ devid }) => devid).toSorted((a, b) => a - b);
  return chunks.map(({ start, length, type, profile, stripes }) => ({
    start,
    length,
    type: type as "data" | "metadata" | "system",
    profile,
    stripes: stripes.map(({ devid, offset }) => ({ device: order.indexOf(devid) + 1, offset })),
  }));
}

/** The files that filefrag shows, as it shows them; all other extents in files named after their first reference. */
function laidFiles(
  { extents }: ExtentTree,
  fragments: readonly Fragments[],
  swapFile: Fragments | undefined,
): readonly LaidFile[] {
  const starts = extents.map(({ start }) => start);
  const shown = new Set<DumpedExtent>();
  const ofFilefrag = fragments.map((file): LaidFile => {
    const pieces: LaidPiece[] = [];
    for (const row of file.rows) {
      if (isWithoutPlace(row)) continue;
      for (const { extent, address, length } of extentsUnder(row, extents, starts)) {
        shown.add(extent);
        pieces.push({
          offset: row.offset + (address - row.address),
          length,
          extent: { start: extent.start, length: extent.length },
          extentOffset: address - extent.start,
          unwritten: row.flags.includes("unwritten"),
        });
      }
    }
    return { path: file.path, size: file.size, nocow: file === swapFile, pieces };
  });
  const others = new Map<string, DumpedExtent[]>();
  const put = (path: string, extent: DumpedExtent): void => {
    const list = others.get(path);
    if (list) list.push(extent);
    else others.set(path, [extent]);
  };
  for (const extent of extents) {
    const [owner] = extent.files;
    if (!shown.has(extent)) put(owner === undefined ? NAMELESS : `/imported/${owner}`, extent);
    else if (holdersOf(extent) > 1) put(SHARED, extent);
  }
  return [...ofFilefrag, ...[...others].map(([path, list]) => lined(path, list))];
}

/** A file of whole extents, one behind the other. */
function lined(path: string, extents: readonly DumpedExtent[]): LaidFile {
  let offset = 0;
  const pieces = extents.map(({ start, length }): LaidPiece => {
    const piece = { offset, length, extent: { start, length }, extentOffset: 0, unwritten: false };
    offset += length;
    return piece;
  });
  return { path, size: offset, nocow: false, pieces };
}

function assumptions(
  { extents }: ExtentTree,
  fragments: readonly Fragments[],
  usage: Usage | undefined,
  swapFile: Fragments | undefined,
): readonly string[] {
  const shared = extents.filter((extent) => holdersOf(extent) > 1).length;
  return [
    "every file lies in the top-level subvolume: the extent tree does not say where a subvolume is",
    "a file without filefrag has whole extents in the order of their addresses: the extent tree does not say which part of an extent a file uses, nor which are compressed",
    "the trees themselves are written anew by the model into the metadata chunks; only their number is taken over",
    ...(shared > 0
      ? [`${shared} extents have several holders; who else holds them is put into ${SHARED}`]
      : []),
    ...(fragments.length === 0 ? ["no filefrag: no file has its name"] : []),
    ...(usage ? [] : ["no btrfs filesystem usage: the sizes of the trees were not checked against it"]),
    swapFile
      ? `${swapFile.path} is the swap file, because of its name; it is NOCOW, which filefrag does not show`
      : "no swap file: none of the files of filefrag has swap in its name, so nothing swaps",
    ...(swapFile ? ["memory, the task that swaps and the maintenance are examples: change them"] : []),
    "devices are of the model nvme-consumer: the dumps do not say what they are",
  ];
}
