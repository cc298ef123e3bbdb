import type { OwnerId } from "../../block/index.ts";
import { fail } from "../../engine/index.ts";
import type { FileHandle } from "../file-handle.ts";
import type { Inode } from "./inode.ts";

/** The names of a filesystem, and the inodes that have or had one. */
export class Namespace<File extends Inode> {
  readonly #byPath = new Map<string, File>();
  readonly #byOwner = new Map<OwnerId, File>();

  lookup(path: string): File | undefined {
    return this.#byPath.get(path);
  }

  /** Every file with a name, once. */
  files(): readonly File[] {
    return [...new Set(this.#byPath.values())];
  }

  /** The inode behind a handle; also of a file that was unlinked. */
  inodeOf(handle: FileHandle): File {
    return this.#byOwner.get(handle.owner) ?? fail("a file handle belongs to this filesystem");
  }

  /** A file that was just made under its only name. */
  add(file: File): void {
    this.#byPath.set(file.path, file);
    this.#byOwner.set(file.owner, file);
  }

  /** A second name. */
  link(file: File, name: string): void {
    file.names.add(name);
    this.#byPath.set(name, file);
  }

  /** One name goes. True if it was the last one: the file is on its way out. */
  unlink(file: File, name: string): boolean {
    file.names.delete(name);
    this.#byPath.delete(name);
    if (file.names.size === 0) {
      file.linked = false;
      return true;
    }
    if (file.path === name) [file.path = name] = file.names;
    return false;
  }

  /** The mount after a power loss: exactly these files have names, those that they have themselves. */
  reset(files: Iterable<File>): void {
    this.#byPath.clear();
    for (const file of files) for (const name of file.names) this.#byPath.set(name, file);
  }
}
