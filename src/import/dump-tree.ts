import { type DumpText, ImportProblem } from "./problem.ts";

/** A chunk as the chunk tree has it; bytes. */
export interface DumpedChunk {
  readonly start: number;
  readonly length: number;
  readonly type: string;
  readonly profile: string;
  readonly stripes: readonly { readonly devid: number; readonly offset: number }[];
  readonly line: number;
}

export interface DumpedDevice {
  readonly devid: number;
  readonly totalBytes: number;
}

/** A data extent; bytes. */
export interface DumpedExtent {
  readonly start: number;
  readonly length: number;
  readonly refs: number;
  /** Files (ROOT/INODE) that the item names, in its order. */
  readonly files: readonly string[];
  /** Leaves shared by snapshots that name it: whose files they are is not said. */
  readonly sharedLeaves: number;
  readonly line: number;
}

export interface DumpedGroup {
  readonly start: number;
  readonly length: number;
  readonly used: number;
}

/** What any `btrfs inspect-internal dump-tree -t …` tells about its filesystem. */
interface DumpedTree {
  readonly file: string;
  readonly fsid: string;
  /** Highest generation of a node. */
  readonly generation: number;
}

export interface ChunkTree extends DumpedTree {
  readonly devices: readonly DumpedDevice[];
  readonly chunks: readonly DumpedChunk[];
}

export interface ExtentTree extends DumpedTree {
  readonly extents: readonly DumpedExtent[];
  /** Addresses of tree blocks. */
  readonly treeBlocks: readonly number[];
  readonly groups: readonly DumpedGroup[];
}

const NODE_HEAD = /^(?:leaf|node) (\d+) (?:level \d+ )?items (\d+) free space (\d+) generation (\d+) owner/;
const ITEM = /^\titem \d+ key \((\S+) (\S+) (\d+)\) itemoff/;

/** An item with its lines. */
interface Item {
  readonly objectid: string;
  readonly type: string;
  readonly offset: number;
  readonly line: number;
  readonly body: string;
}

/** Reads `dump-tree -t chunk`. Throws an ImportProblem if the text is cut off or is something else. */
export function readChunkTree(dump: DumpText): ChunkTree {
  const tree = treeOf(dump);
  const devices: DumpedDevice[] = [];
  const chunks: DumpedChunk[] = [];
  for (const item of itemsOf(dump)) {
    if (item.type === "DEV_ITEM") {
      const [devid, totalBytes] = numbers(dump, item, /devid (\d+) total_bytes (\d+)/);
      devices.push({ devid: devid!, totalBytes: totalBytes! });
    }
    if (item.type === "CHUNK_ITEM") chunks.push(chunkOf(dump, item));
  }
  if (chunks.length === 0) throw new ImportProblem(dump.file, 1, "no chunk", "CHUNK_ITEMs of a chunk tree");
  return { ...tree, devices, chunks };
}

/** Reads `dump-tree -t extent`. */
export function readExtentTree(dump: DumpText): ExtentTree {
  const tree = treeOf(dump);
  const extents: DumpedExtent[] = [];
  const treeBlocks: number[] = [];
  const groups: DumpedGroup[] = [];
  for (const item of itemsOf(dump)) {
    const start = Number(item.objectid);
    if (item.type === "METADATA_ITEM") treeBlocks.push(start);
    if (item.type === "EXTENT_ITEM") extents.push(extentOf(dump, item, start));
    if (item.type === "BLOCK_GROUP_ITEM") {
      const [used] = numbers(dump, item, /block group used (\d+)/);
      groups.push({ start, length: item.offset, used: used! });
    }
  }
  if (groups.length === 0) {
    throw new ImportProblem(dump.file, 1, "no block group", "BLOCK_GROUP_ITEMs of an extent tree");
  }
  return { ...tree, extents, treeBlocks, groups };
}

function chunkOf(dump: DumpText, item: Item): DumpedChunk {
  const [, length, type, profile] = match(dump, item, /length (\d+) .*type ([A-Z]+)\|(\w+)/);
  const stripes = [...item.body.matchAll(/stripe \d+ devid (\d+) offset (\d+)/g)].map(([, devid, offset]) => {
    return { devid: Number(devid), offset: Number(offset) };
  });
  const [count] = numbers(dump, item, /num_stripes (\d+)/);
  if (count !== stripes.length) {
    throw new ImportProblem(dump.file, item.line, `${stripes.length} stripes`, `num_stripes ${count}`);
  }
  return {
    start: item.offset,
    length: Number(length),
    type: type!.toLowerCase(),
    profile: profile!.toLowerCase(),
    stripes,
    line: item.line,
  };
}

function extentOf(dump: DumpText, item: Item, start: number): DumpedExtent {
  const [refs] = numbers(dump, item, /refs (\d+) gen \d+ flags/);
  // A file that names an extent twice, as a written and an unwritten part, is still one holder.
  const files = new Set<string>();
  const leaves = new Set<string>();
  const references = /extent data backref root (\S+) objectid (\d+)|shared data backref parent (\d+)/g;
  for (const [, root, objectid, parent] of item.body.matchAll(references)) {
    if (parent === undefined) files.add(`${root!.replace("FS_TREE", "5")}/${objectid}`);
    else leaves.add(parent);
  }
  return {
    start,
    length: item.offset,
    refs: refs!,
    files: [...files],
    sharedLeaves: leaves.size,
    line: item.line,
  };
}

/** How many files, or leaves that stand for files, hold an extent. */
export function holdersOf({ files, sharedLeaves }: DumpedExtent): number {
  return files.length + sharedLeaves;
}

function* itemsOf({ text }: DumpText): Generator<Item> {
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const head = ITEM.exec(lines[at]!);
    if (!head) continue;
    let end = at + 1;
    while (end < lines.length && lines[end]!.startsWith("\t\t")) end++;
    const [, objectid, type, offset] = head;
    const body = lines.slice(at + 1, end).join("\n");
    yield { objectid: objectid!, type: type!, offset: Number(offset), line: at + 1, body };
    at = end - 1;
  }
}

function match(dump: DumpText, item: Item, form: RegExp): RegExpExecArray {
  const found = form.exec(item.body);
  if (found) return found;
  const shown = JSON.stringify(item.body.split("\n")[0]?.trim() ?? "");
  throw new ImportProblem(dump.file, item.line + 1, shown, `the lines of a ${item.type}: ${form.source}`);
}

function numbers(dump: DumpText, item: Item, form: RegExp): readonly number[] {
  return match(dump, item, form).slice(1).map(Number);
}

/** What stands in the heads of the nodes. Each says how many items it has, so a text that is cut off shows. */
function treeOf({ file, text }: DumpText): DumpedTree {
  const lines = text.trimEnd().split("\n");
  const present = new Set<string>();
  const wanted: { readonly block: string; readonly line: number }[] = [];
  let fsid: string | undefined;
  let generation = 0;
  for (const [at, line] of lines.entries()) {
    const head = NODE_HEAD.exec(line);
    if (head) {
      const [, block, items, , ofNode] = head;
      present.add(block!);
      generation = Math.max(generation, Number(ofNode));
      checkItems(file, lines, at, Number(items));
    }
    const [, child] = /^\tkey \(.*\) block (\d+) gen/.exec(line) ?? [];
    if (child !== undefined) wanted.push({ block: child, line: at + 1 });
    const [, uuid] = /^fs uuid (\S+)/.exec(line) ?? [];
    if (uuid === undefined) continue;
    fsid ??= uuid;
    if (uuid !== fsid) throw new ImportProblem(file, at + 1, `fs uuid ${uuid}`, `${fsid}, as further up`);
  }
  const missing = wanted.find(({ block }) => !present.has(block));
  if (missing) {
    const expected = `the node ${missing.block}, which line ${missing.line} names: it is cut off`;
    throw new ImportProblem(file, lines.length, "the end of the file", expected);
  }
  if (fsid === undefined)
    throw new ImportProblem(file, 1, JSON.stringify(lines[0]), "nodes with their fs uuid");
  return { file, fsid, generation };
}

/** Counts what follows a head until the next one. */
function checkItems(file: string, lines: readonly string[], head: number, items: number): void {
  let found = 0;
  let at = head + 1;
  for (; at < lines.length && !NODE_HEAD.test(lines[at]!); at++) {
    if (/^\titem \d+ key |^\tkey \(.*\) block /.test(lines[at]!)) found++;
  }
  if (found === items) return;
  const expected = `${items}, as line ${head + 1} says${at === lines.length ? ": it is cut off" : ""}`;
  throw new ImportProblem(file, at, `${found} items`, expected);
}
