import { expect } from "vitest";
import { PAGE_SIZE } from "../../../sim/engine/index.ts";
import type { FileHandle } from "../../../sim/fs/index.ts";
import type { BtrfsMachine } from "./btrfs-machine.ts";

/* What tests need that hold the model against what a real kernel did with the same disks and files. */

/** Blocks of so many bytes. */
export const blocks = (bytes: number): number => bytes / PAGE_SIZE;

/** "relocate 5242880" or "skip 240123904", in the order of the kernel's lines. */
export function course(machine: BtrfsMachine): readonly string[] {
  return machine.lines.flatMap((line) => {
    const [, verb, group] =
      /(relocating|skipping relocation of|could not shrink) block group (\d+)/.exec(line) ?? [];
    return group === undefined ? [] : [`${verb === "relocating" ? "relocate" : "skip"} ${group}`];
  });
}

/** A NOCOW file of so many bytes, made with fallocate. */
export function prealloc(machine: BtrfsMachine, path: string, size: number): FileHandle {
  return machine.create(path, blocks(size), { nocow: true, preallocated: true });
}

/** Activates a swap file; it must be taken. */
export function swapon(machine: BtrfsMachine, path: string): void {
  const file = machine.fs.lookup(path)!;
  const result = machine.run(machine.fs.swapActivate(file, file.size));
  expect(result.errno).toBeUndefined();
}
