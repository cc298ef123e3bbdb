import { Bio, type BlockDevice } from "./block/index.ts";
import type { Actor, Pages } from "./engine/index.ts";
import type { FileHandle, Filesystem } from "./fs/index.ts";
import type { Machine } from "./machine.ts";
import {
  type AddressSpace,
  type Between,
  type FileBacking,
  filemapRead,
  filemapWrite,
  type InterleavedFileReads,
  loadMapped,
} from "./mm/index.ts";

/** A data file that a program reads page by page, round and round. */
export interface DataFile {
  /** The device it lies on, from the first block on. */
  readonly device: string;
  readonly pages: Pages;
  readonly every: number;
  readonly mapped: boolean;
}

/** Reads a file that is a whole disk, through the page cache, between the accesses of a program. */
export function fileReader(machine: Machine, space: AddressSpace, file: DataFile): Between {
  return cachedAccesses(machine, space, onDevice(machine.device(file.device)), { ...file, writes: 0 });
}

/** Reads the pages of a backing in ascending order, again and again, through the page cache, or overwrites some. */
export function cachedAccesses(
  { mm }: Machine,
  space: AddressSpace,
  backing: FileBacking,
  { pages, every, mapped, writes }: InterleavedFileReads,
): Between {
  const cache = mm.cacheFile(backing);
  let position = 0;
  let owedWrites = 0;
  return {
    every,
    *run(): Actor {
      const page = position;
      position = (position + 1) % pages;
      if (page >= cache.pages) return;
      owedWrites += writes;
      if (owedWrites >= 1) {
        owedWrites--;
        yield* filemapWrite(mm, space, cache, page);
        return;
      }
      yield* mapped ? loadMapped(mm, space, cache, page) : filemapRead(mm, space, cache, page);
    },
  };
}

function onDevice(device: BlockDevice): FileBacking {
  return {
    name: device.name,
    pages: device.size,
    *read(first: number, count: Pages): Actor<boolean> {
      const status = yield* device.submitAndWait(Bio.read(first, count), "read_pages");
      return status === "ok";
    },
  };
}

/** A file of the mounted filesystem. */
export function onFilesystem(fs: Filesystem, file: FileHandle, name: string): FileBacking {
  return {
    name,
    pages: file.size,
    *read(first: number, count: Pages): Actor<boolean> {
      return (yield* fs.read(file, first, count)) === undefined;
    },
    *write(first: number, count: Pages): Actor<boolean> {
      return (yield* fs.write(file, first, count)) === undefined;
    },
  };
}
