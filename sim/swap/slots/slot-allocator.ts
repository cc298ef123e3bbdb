/** How an area finds free slots. A new way is one file; the area picks by its medium. */
export interface SlotAllocator {
  /**
   * Takes up to `want` free slots, marks them as cached, writes them to `into` in the order of use and returns how
   * many there are.
   */
  take(want: number, into: number[]): number;
  /** The slot is free again. */
  released(slot: number): void;
}
