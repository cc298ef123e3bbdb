/**
 * Which page-table pages are worth walking at the next aging (the Bloom filters of mm/vmscan.c, 6.1): two of them by
 * parity of the sequence number. Exact here; the kernel's may pass a few more. A filter that was never reset passes
 * everything.
 */
export class WalkFilter {
  readonly #tables: [Set<number> | undefined, Set<number> | undefined] = [undefined, undefined];

  /** reset_bloom_filter. */
  reset(seq: number): void {
    this.#tables[seq % 2 === 0 ? 0 : 1] = new Set();
  }

  /** update_bloom_filter; without effect before the first reset. */
  add(seq: number, table: number): void {
    this.#tables[seq % 2 === 0 ? 0 : 1]?.add(table);
  }

  /** test_bloom_filter. */
  passes(seq: number, table: number): boolean {
    return this.#tables[seq % 2 === 0 ? 0 : 1]?.has(table) ?? true;
  }
}
