/** A mechanism of the model that can be left out, and what it is good for. */
export interface Mechanism {
  /** Toggle that leaves it out. */
  readonly toggle: string;
  readonly title: string;
  /** What it does in the kernel, and where in the rows it shows. */
  readonly text: string;
}

/** Mechanisms whose effect docs/fidelity.md measures, each by leaving it out of all rows. */
export const MECHANISMS: readonly Mechanism[] = [
  {
    toggle: "noWatermarkBoost",
    title: "Watermark boosts (zones, buddy lists by mobility)",
    text: "When a small zone has no movable pages left, a request breaks into a block that holds the kernel's own pages; the zone's watermarks are raised and kswapd works for that zone alone. On its way it passes over all pages of the other zone, which makes the oldest pages the youngest ones. Shows in whole-machine rows: pages scanned in the first fill, and everything about the page cache.",
  },
  {
    toggle: "walkSleepers",
    title: "Page-table walks only of tasks that ran (MGLRU)",
    text: "An aging walks only the tables of tasks that were switched to since the last walk. A second aging in the same reclaim call therefore finds nothing, and the filter of the next one is empty. Shows in every MGLRU row with reclaim.",
  },
  {
    toggle: "noLookAround",
    title: "Neighbours of young pages (MGLRU)",
    text: "Eviction that meets a young page looks at the 64 entries around it. Shows in the activations of MGLRU rows.",
  },
  {
    toggle: "noTiers",
    title: "Tiers (MGLRU)",
    text: "Pages of the oldest generation that were used several times are spared if their like came back too often. Shows where pages are read by system calls, and where refaulted pages come back.",
  },
  {
    toggle: "nestedPlugs",
    title: "One plug for a readahead window and the reclaim inside it",
    text: "Reclaim that runs while a window is being read hands its writes to the window's plug. They are sent at the window's end, stay under write-back for the whole call, and are freed by a later one. Shows in the write requests of rows with readahead.",
  },
  {
    toggle: "keepSlots",
    title: "Slots are given up once swap is half full",
    text: "vm_swap_full: a page that is swapped in, or activated by reclaim, loses its slot and must be written again. Shows in swap files of 128 and 256 MiB.",
  },
  {
    toggle: "noRefaultActivation",
    title: "Refault distance (classic LRU)",
    text: "A page that was away no longer than the lists are long comes back active. Shows in activations and deactivations, and in patterns with a hot part that does not fit.",
  },
  {
    toggle: "exactGroupStatistics",
    title: "Lagging statistics",
    text: "List sizes and refault counts are those of the last flush, which is only made after enough changes. Nearly invisible in groups of 32 MiB and more, where every reclaim call starts with a flush.",
  },
  {
    toggle: "noLruBatches",
    title: "Batches of fifteen pages",
    text: "Pages reach the lists fifteen at a time, and a page in a batch has one reference more. Nearly invisible in the measured groups, which are large.",
  },
  {
    toggle: "noChargeStock",
    title: "Charges of 64 pages",
    text: "A CPU charges 64 pages at once and keeps what it does not need. A reclaim call then serves one page and not up to 64. Hardly visible in what is swapped.",
  },
];
