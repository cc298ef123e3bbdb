import { type Actor, type Engine, type RandomStream, SECOND, sleep } from "./engine/index.ts";
import type { FileHandle, Filesystem } from "./fs/index.ts";
import type { WriterTaskSpec } from "./scenario.ts";

/** What a writer task has done. */
export interface WriterProgress {
  writes: number;
  /** Writes the filesystem refused (ENOSPC and the like). */
  failures: number;
}

/**
 * A program that overwrites blocks of a file at a steady rate and reads some of them back. It is what makes freed
 * blocks find new owners.
 */
export function* fileWriter(
  engine: Engine,
  fs: Filesystem,
  file: FileHandle,
  spec: WriterTaskSpec,
  progress: WriterProgress,
): Actor {
  const random = engine.random.named(`writer/${spec.name}`);
  const period = Math.max(1, Math.round(SECOND / spec.rate));
  if (spec.start > 0) yield sleep("sleep until the start", spec.start);
  for (let due = engine.now; progress.writes < spec.writes; due += period) {
    if (due > engine.now) yield sleep("sleep until the next write", due - engine.now);
    const first = nextBlock(file, spec, random, progress.writes);
    const count = Math.min(spec.blocksPerWrite, file.size - first);
    const errno = yield* fs.write(file, first, count);
    progress.writes++;
    if (errno !== undefined) progress.failures++;
    if (spec.readEvery > 0 && progress.writes % spec.readEvery === 0) yield* fs.read(file, first, count);
  }
}

function nextBlock(file: FileHandle, spec: WriterTaskSpec, random: RandomStream, writes: number): number {
  const positions = Math.max(1, Math.floor(file.size / spec.blocksPerWrite));
  const position = spec.pattern === "uniform" ? random.below(positions) : writes % positions;
  return position * spec.blocksPerWrite;
}
