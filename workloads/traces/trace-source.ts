import type { AccessSource } from "../../sim/mm/index.ts";
import type { DecodedTrace } from "./decode.ts";

/** The accesses of a decoded trace, once from beginning to end. Any number of sources can share one trace. */
export class TraceSource implements AccessSource {
  readonly pages: number;
  readonly #chunks: readonly Uint32Array[];
  #chunk = 0;
  #inChunk = 0;

  constructor(trace: DecodedTrace) {
    this.pages = trace.pages;
    this.#chunks = trace.chunks;
  }

  fill(batch: Uint32Array): number {
    let filled = 0;
    while (filled < batch.length && this.#chunk < this.#chunks.length) {
      const chunk = this.#chunks[this.#chunk]!;
      const part = chunk.subarray(this.#inChunk, this.#inChunk + batch.length - filled);
      batch.set(part, filled);
      filled += part.length;
      this.#inChunk += part.length;
      if (this.#inChunk === chunk.length) {
        this.#chunk++;
        this.#inChunk = 0;
      }
    }
    return filled;
  }
}
