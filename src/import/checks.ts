import type { ChunkTree, ExtentTree } from "./dump-tree.ts";
import type { Fragments } from "./filefrag.ts";
import { chunkAt, extentsUnder } from "./lookup.ts";
import { ImportProblem } from "./problem.ts";
import type { Usage } from "./usage.ts";

/** Bytes of a tree block; dump-tree does not print it, and mkfs.btrfs makes them so. */
const NODE = 16_384;

/** Both trees are of one filesystem at one moment: each block group is a chunk, and its extents add up. */
export function checkTrees(chunkTree: ChunkTree, extentTree: ExtentTree): void {
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

/** The sizes of `btrfs filesystem usage` are those of the trees. */
export function checkUsage(usage: Usage, chunkTree: ChunkTree, { groups }: ExtentTree): void {
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

/** Every line of filefrag lies in data extents of the dump, and one file can hold them all. */
export function checkFragments(
  { file, rows, path }: Fragments,
  chunkTree: ChunkTree,
  { extents, file: dump }: ExtentTree,
): void {
  const starts = extents.map(({ start }) => start);
  let candidates: readonly string[] | undefined;
  for (const row of rows) {
    const { address, length, line, flags } = row;
    if (flags.includes("inline")) continue;
    const found = `${path} at ${address}, ${length} bytes`;
    if (!chunkAt(chunkTree, address)) {
      throw new ImportProblem(file, line, found, `an address in a chunk of ${chunkTree.file}`);
    }
    // Of a compressed extent only the beginning is where the line says.
    const encoded = flags.includes("encoded");
    const under = extentsUnder(row, extents, starts).slice(0, encoded ? 1 : undefined);
    const covered = under.reduce((sum, part) => sum + part.length, 0);
    if (encoded ? covered === 0 : covered !== length) {
      throw new ImportProblem(file, line, found, `data extents of ${dump} all the way`);
    }
    for (const { extent } of under) {
      // A leaf that snapshots share may be of any file.
      if (extent.sharedLeaves > 0) continue;
      const before = candidates ?? extent.files;
      candidates = before.filter((candidate) => extent.files.includes(candidate));
      if (candidates.length === 0) {
        const holder = `an extent of inode ${before.join(" or ")}, as the lines before`;
        throw new ImportProblem(file, line, `${found}: held by ${extent.files.join(", ")}`, holder);
      }
    }
  }
}
