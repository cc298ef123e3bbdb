import type { LaidDisk, LaidFile, LaidPiece } from "../../sim/index.ts";
import {
  type ChunkTree,
  type DumpedChunk,
  type DumpedExtent,
  type ExtentTree,
  readChunkTree,
  readExtentTree,
} from "./dump-tree.ts";
import { type Fragments, readFilefrag } from "./filefrag.ts";
import { type DumpText, ImportProblem } from "./problem.ts";
import { readUsage, type Usage } from "./usage.ts";

/** Bytes of a tree block; dump-tree does not print it, and mkfs.btrfs makes them so. */
const NODE = 16_384;
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

/** The chunk that holds an address. */
export function chunkAt({ chunks }: ChunkTree, address: number): DumpedChunk | undefined {
  return chunks.find(({ start, length }) => address >= start && address < start + length);
}

/** Both trees are of one filesystem at one moment: each block group is a chunk, and its extents add up. */
function checkTrees(chunkTree: ChunkTree, extentTree: ExtentTree): void {
  if (chunkTree.fsid !== extentTree.fsid) {
    const lines = extentTree.file;
    throw new ImportProblem(
      lines,
      1,
      `filesystem ${extentTree.fsid}`,
      `${chunkTree.fsid}, as in ${chunkTree.file}`,
    );
  }
  const used = new Map(chunkTree.chunks.map(({ start }) => [start, 0]));
  const add = (start: number, length: number, line: number): void => {
    const chunk = chunkAt(chunkTree, start);
    if (!chunk || start + length > chunk.start + chunk.length) {
      throw new ImportProblem(
        extentTree.file,
        line,
        `an extent at ${start}`,
        `one inside a chunk of ${chunkTree.file}`,
      );
    }
    used.set(chunk.start, (used.get(chunk.start) ?? 0) + length);
  };
  for (const { start, length, line } of extentTree.extents) add(start, length, line);
  for (const start of extentTree.treeBlocks) add(start, NODE, 1);
  for (const group of extentTree.groups) {
    const chunk = chunkTree.chunks.find(({ start }) => start === group.start);
    if (chunk?.length !== group.length) {
      throw new ImportProblem(
        extentTree.file,
        1,
        `block group ${group.start}`,
        `a chunk of ${chunkTree.file}: another moment or another filesystem`,
      );
    }
    const sum = used.get(group.start) ?? 0;
    if (sum !== group.used) {
      throw new ImportProblem(
        extentTree.file,
        1,
        `extents of ${sum} bytes in block group ${group.start}`,
        `${group.used}, as its item says`,
      );
    }
  }
}

function checkUsage(usage: Usage, chunkTree: ChunkTree, { groups }: ExtentTree): void {
  const total = chunkTree.devices.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  if (usage.deviceSize !== total) {
    throw new ImportProblem(
      usage.file,
      2,
      `Device size ${usage.deviceSize}`,
      `${total}, as in ${chunkTree.file}`,
    );
  }
  for (const { type, profile, size, used, line } of usage.sections) {
    const mine = chunkTree.chunks.filter((chunk) => chunk.type === type && chunk.profile === profile);
    const length = mine.reduce((sum, chunk) => sum + chunk.length, 0);
    const inUse = groups.filter(({ start }) => mine.some((chunk) => chunk.start === start));
    const bytes = inUse.reduce((sum, group) => sum + group.used, 0);
    if (size === length && used === bytes) continue;
    throw new ImportProblem(
      usage.file,
      line,
      `${type},${profile} of ${size} bytes, ${used} used`,
      `${length} and ${bytes}, as in the trees`,
    );
  }
}

/** Every line of filefrag lies in data extents of the dump. */
function checkFragments(
  { file, rows, path }: Fragments,
  chunkTree: ChunkTree,
  { extents }: ExtentTree,
): void {
  const starts = extents.map(({ start }) => start);
  for (const { address, length, line, flags } of rows) {
    if (flags.includes("inline")) continue;
    const chunk = chunkAt(chunkTree, address);
    if (!chunk) {
      throw new ImportProblem(
        file,
        line,
        `${path} at ${address}`,
        `an address in a chunk of ${chunkTree.file}`,
      );
    }
    const extent = extents[lowerBound(starts, address)];
    if (!extent || address >= extent.start + extent.length) {
      throw new ImportProblem(
        file,
        line,
        `${path} at ${address}, ${length} bytes`,
        "a data extent of the dump there",
      );
    }
  }
}

/** Index of the last start that is not above an address; -1 if there is none. */
function lowerBound(starts: readonly number[], address: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
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
      if (row.flags.includes("inline") || row.flags.includes("encoded")) continue;
      for (let done = 0; done < row.length; ) {
        const address = row.address + done;
        const extent = extents[lowerBound(starts, address)]!;
        const length = Math.min(row.length - done, extent.start + extent.length - address);
        if (length <= 0) break;
        shown.add(extent);
        pieces.push({
          offset: row.offset + done,
          length,
          extent: { start: extent.start, length: extent.length },
          extentOffset: address - extent.start,
          unwritten: row.flags.includes("unwritten"),
        });
        done += length;
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
    if (!shown.has(extent)) put(extent.owner === undefined ? NAMELESS : `/imported/${extent.owner}`, extent);
    else if (extent.holders > 1) put(SHARED, extent);
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
  const shared = extents.filter(({ holders }) => holders > 1).length;
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
      : "no swap file: none of the files of filefrag has swap in its name",
    "devices are of the model nvme-consumer: the dumps do not say what they are",
  ];
}
