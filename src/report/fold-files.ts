import { PAGE_SIZE } from "../../sim/index.ts";
import { formatBytes, formatMany } from "./format.ts";

/** Files that get a line of their own; an imported disk may have thousands. */
const FILES_SHOWN = 40;

/** What a list of files shows one by one, in its order, and what it only counts. */
export interface FoldedFiles<File> {
  readonly shown: readonly File[];
  readonly rest: readonly File[];
}

/** The files that changed come first, then the large ones, `size` in blocks of 4 KiB. */
export function foldFiles<File extends { readonly size: number }>(
  files: readonly File[],
  changed: (file: File) => boolean = () => false,
): FoldedFiles<File> {
  const ranked = files.toSorted((a, b) => Number(changed(b)) - Number(changed(a)) || b.size - a.size);
  const shown = new Set(ranked.slice(0, FILES_SHOWN));
  return {
    shown: files.filter((file) => shown.has(file)),
    rest: files.filter((file) => !shown.has(file)),
  };
}

/** The files that are only counted, and how large they are together. */
export function restOf(rest: readonly { readonly size: number }[]): readonly [count: string, size: string] {
  const blocks = rest.reduce((sum, { size }) => sum + size, 0);
  return [`and ${formatMany(rest.length, "more file")}`, formatBytes(blocks * PAGE_SIZE)];
}
