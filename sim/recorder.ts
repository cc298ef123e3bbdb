import { type Instant, MILLISECOND } from "./engine/index.ts";
import type { Machine } from "./machine.ts";
import type { DiskMap, LatencySeries, Recording } from "./result.ts";

/** Samples and maps kept at most; then every other one is dropped and the interval doubles. */
const SAMPLES_MAX = 400;
const MAPS_MAX = 48;
/** Cells of the map of one device at most. */
const CELLS_MAX = 1024;
/** Neighbouring buckets of the latency histogram (1/32 of a power of two each) that make one class. */
const BUCKETS_PER_CLASS = 8;

/** One row of the recording. Counters are totals since the start, so that rows may be dropped. */
interface Sample {
  readonly at: Instant;
  readonly free: number;
  readonly resident: number;
  readonly swapUsed: number;
  readonly pswpin: number;
  readonly pswpout: number;
  readonly pgmajfault: number;
  readonly stalledSome: number;
  readonly stalledFull: number;
  readonly latency: readonly { readonly upTo: number; readonly count: number }[];
}

/** Something looked at in equal intervals that get longer, so that a short run and a long one keep about as much. */
class Thinning<T> {
  readonly kept: T[] = [];
  due: Instant = 0;
  readonly #max: number;
  readonly #take: (at: Instant) => T;
  #interval: Instant;

  constructor(max: number, interval: Instant, take: (at: Instant) => T) {
    this.#max = max;
    this.#interval = interval;
    this.#take = take;
  }

  look(now: Instant): void {
    this.kept.push(this.#take(now));
    this.due += this.#interval;
    if (this.kept.length <= this.#max) return;
    const every2nd = this.kept.filter((_, index) => index % 2 === 0);
    this.kept.splice(0, this.kept.length, ...every2nd);
    this.#interval *= 2;
    this.due = Math.ceil(this.due / this.#interval) * this.#interval;
  }

  last(now: Instant): void {
    this.kept.push(this.#take(now));
  }
}

/**
 * Writes down how the machine is doing, between steps of the engine and from outside: it takes no simulated time,
 * wakes nobody and leaves no trace in the fingerprint.
 */
export class Recorder {
  readonly #machine: Machine;
  readonly #samples: Thinning<Sample>;
  readonly #maps: Thinning<readonly DiskMap[]>;
  readonly #layouts: Recording["layouts"][number][] = [];
  /** What was asked for on top of the regular maps, and when it is due. */
  readonly #asked: DiskMap[] = [];
  #askedAt: Instant;

  /** `maps`: whether the devices are mapped now and then; `mapAt`: an instant at which they must be. */
  constructor(machine: Machine, maps = true, mapAt: Instant = Number.POSITIVE_INFINITY) {
    this.#machine = machine;
    this.#askedAt = mapAt;
    if (maps) this.#noteLayout(0);
    const { duration } = machine.scenario;
    const finest = (max: number): Instant => Math.max(MILLISECOND, Math.floor(duration / (max * 8)));
    this.#samples = new Thinning(SAMPLES_MAX, finest(SAMPLES_MAX), (at) => this.#sample(at));
    this.#maps = new Thinning(MAPS_MAX, finest(MAPS_MAX), (at) => (maps ? this.#mapDevices(at) : []));
  }

  /** When the next look is due. */
  get due(): Instant {
    return Math.min(this.#samples.due, this.#maps.due, this.#askedAt);
  }

  /** Looks at whatever is due at `now`. */
  look(now: Instant): void {
    if (this.#samples.due <= now) this.#samples.look(now);
    if (this.#maps.due <= now) this.#maps.look(now);
    if (this.#askedAt > now) return;
    this.#askedAt = Number.POSITIVE_INFINITY;
    this.#asked.push(...this.#mapDevices(now));
    this.#noteLayout(now);
  }

  /** Takes the last sample, at the end of the run, and puts everything into columns. */
  finish(now: Instant): Recording {
    this.#samples.last(now);
    this.#maps.last(now);
    if (this.#layouts.length > 0) this.#noteLayout(now);
    const samples = this.#samples.kept;
    return {
      at: samples.map(({ at }) => at),
      gauges: {
        freePages: samples.map(({ free }) => free),
        residentPages: samples.map(({ resident }) => resident),
        swapUsedPages: samples.map(({ swapUsed }) => swapUsed),
      },
      totals: {
        pswpin: samples.map(({ pswpin }) => pswpin),
        pswpout: samples.map(({ pswpout }) => pswpout),
        pgmajfault: samples.map(({ pgmajfault }) => pgmajfault),
        stalledSomeNs: samples.map(({ stalledSome }) => stalledSome),
        stalledFullNs: samples.map(({ stalledFull }) => stalledFull),
      },
      latency: latencySeries(samples),
      disk: [...this.#maps.kept.flat(), ...this.#asked].sort((a, b) => a.at - b.at),
      layouts: this.#layouts,
    };
  }

  #noteLayout(at: Instant): void {
    const layout = this.#machine.filesystem?.layout?.();
    if (layout) this.#layouts.push({ at, ...layout });
  }

  #sample(at: Instant): Sample {
    const { mm, swap } = this.#machine;
    mm.psi.settle();
    return {
      at,
      free: mm.zones.free,
      resident: mm.frames.frames - mm.zones.free,
      swapUsed: swap.used,
      pswpin: mm.vm.pswpin,
      pswpout: mm.vm.pswpout,
      pgmajfault: mm.vm.pgmajfault,
      stalledSome: mm.psi.some.total,
      stalledFull: mm.psi.full.total,
      latency: mm.majorFaultLatency.buckets(BUCKETS_PER_CLASS),
    };
  }

  #mapDevices(at: Instant): readonly DiskMap[] {
    const { filesystem, scenario, devices, fileOracle } = this.#machine;
    if (!filesystem) return [];
    const swapFiles = scenario.swap.flatMap(({ target }) =>
      target.kind === "file" ? [filesystem.lookup(target.path)?.owner] : [],
    );
    return [...devices].flatMap(([name, device]) => {
      if (!scenario.filesystem?.devices.includes(name)) return [];
      const blocksPerCell = Math.ceil(device.size / CELLS_MAX);
      const cells = new CellMap(device.size, blocksPerCell);
      for (const { block, count, kind, owner } of filesystem.regions(device)) {
        const isSwap = owner !== undefined && (swapFiles.includes(owner) || fileOracle.isSwapFile(owner));
        cells.add(block, count, isSwap ? "swap" : kind);
      }
      return [{ at, device: name, blocksPerCell, cells: cells.toString() }];
    });
  }
}

/** Letters of the disk map, in the order in which ties are settled: what a reader looks for goes first. */
export const LETTERS = {
  swap: "s",
  pinned: "p",
  metadata: "m",
  data: "d",
  reserved: "r",
  free: "f",
  unallocated: "u",
} as const;
const KINDS = Object.keys(LETTERS) as readonly (keyof typeof LETTERS)[];

/** The blocks of each kind in each cell of a device; a cell is told by the kind that most of it is. */
class CellMap {
  readonly #blocksPerCell: number;
  readonly #counts: Uint32Array;

  constructor(blocks: number, blocksPerCell: number) {
    this.#blocksPerCell = blocksPerCell;
    this.#counts = new Uint32Array(Math.ceil(blocks / blocksPerCell) * KINDS.length);
  }

  add(block: number, count: number, kind: keyof typeof LETTERS): void {
    const end = block + count;
    const index = KINDS.indexOf(kind);
    for (let at = block; at < end; ) {
      const cell = Math.floor(at / this.#blocksPerCell);
      const upTo = Math.min(end, (cell + 1) * this.#blocksPerCell);
      this.#counts[cell * KINDS.length + index]! += upTo - at;
      at = upTo;
    }
  }

  toString(): string {
    let letters = "";
    for (let cell = 0; cell < this.#counts.length; cell += KINDS.length) {
      letters += LETTERS[KINDS[this.#kindOf(cell)]!];
    }
    return letters;
  }

  /** The first of the kinds that most blocks of a cell are. */
  #kindOf(cell: number): number {
    let most = 0;
    for (let kind = 1; kind < KINDS.length; kind++) {
      if (this.#counts[cell + kind]! > this.#counts[cell + most]!) most = kind;
    }
    return most;
  }
}

/** Totals by class become faults since the sample before; only the classes that occur are kept. */
function latencySeries(samples: readonly Sample[]): LatencySeries {
  const upTo = samples.at(-1)?.latency.map((entry) => entry.upTo) ?? [];
  let before = new Map<number, number>();
  const counts = samples.map(({ latency }) => {
    const totals = new Map(latency.map((entry) => [entry.upTo, entry.count]));
    const row = upTo.map((edge) => (totals.get(edge) ?? 0) - (before.get(edge) ?? 0));
    before = totals;
    return row;
  });
  return { upToNs: upTo, counts };
}
