/**
 * Where a task's accesses come from: a generated pattern or a recorded trace. Accesses come in batches, so that the
 * hot path is a loop over a typed array and nothing is allocated or called per access.
 */
export interface AccessSource {
  /** Pages of the task's address space; every page number is below it. */
  readonly pages: number;
  /**
   * Writes the next accesses into `batch`, each as `page * 2 + (write ? 1 : 0)`, and returns how many there are;
   * 0 means the end. Never more than `batch.length`.
   */
  fill(batch: Uint32Array): number;
}

/** Reads and writes of a data file between accesses (pattern `file`): one page every `every` accesses, round and round. */
export interface InterleavedFileReads {
  readonly every: number;
  /** Read with loads from a mapping; otherwise by system calls. */
  readonly mapped: boolean;
  readonly pages: number;
  /** Share of them, 0 to 1, that overwrite their page by a system call instead of reading it; evenly spread. */
  readonly writes: number;
}
