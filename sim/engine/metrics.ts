import { assert } from "./assert.ts";

/** One counter, declared once: reports, JSON and docs read the declaration. */
export interface CounterDeclaration {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
}

/** A record with one number a counter. Increments are plain property writes on an object of fixed shape. */
export type Counters<Name extends string> = Record<Name, number>;

/** All counters of a declaration at zero. Whoever needs them often makes them once and copies them. */
export function zeroCounters<Name extends string>(names: readonly Name[]): Counters<Name> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Counters<Name>;
}

/** Buckets per power of two: a quantile is exact to 1/32 of its value. */
const SUB_BUCKET_BITS = 5;
const SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
const POWERS = 53 - SUB_BUCKET_BITS;

const NO_BUCKETS = new Float64Array(0);

/** A histogram of whole numbers below 2^53 with logarithmic buckets, as HdrHistogram has them. */
export class Histogram {
  /** Nothing until the first value: most machines of an explorer record none. */
  #counts = NO_BUCKETS;
  #total = 0;
  #sum = 0;
  #max = 0;

  get total(): number {
    return this.#total;
  }

  get max(): number {
    return this.#max;
  }

  get mean(): number {
    return this.#total === 0 ? 0 : this.#sum / this.#total;
  }

  record(value: number): void {
    if (this.#total === 0) this.#counts = new Float64Array(SUB_BUCKETS * (POWERS + 1));
    this.#counts[bucketOf(value)]!++;
    this.#total++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  /** The smallest bucket value that at least `share` (0 .. 1) of the values do not exceed; 0 if nothing was recorded. */
  quantile(share: number): number {
    assert(share >= 0 && share <= 1, "a quantile lies in 0 .. 1");
    const wanted = Math.ceil(share * this.#total);
    let seen = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= wanted && seen > 0) return Math.min(lastOf(bucket), this.#max);
    }
    return 0;
  }

  /** The filled buckets, ascending: each value not above `upTo`, and how many; `merge` neighbours count as one. */
  buckets(merge = 1): { readonly upTo: number; readonly count: number }[] {
    const filled: { upTo: number; count: number }[] = [];
    for (let first = 0; first < this.#counts.length; first += merge) {
      let count = 0;
      for (let bucket = first; bucket < first + merge; bucket++) count += this.#counts[bucket] ?? 0;
      if (count > 0) filled.push({ upTo: lastOf(first + merge - 1), count });
    }
    return filled;
  }
}

function bucketOf(value: number): number {
  if (value < SUB_BUCKETS) return value;
  if (value < 0x8000_0000) {
    const shift = 31 - Math.clz32(value) - SUB_BUCKET_BITS;
    return SUB_BUCKETS * (shift + 1) + (value >> shift) - SUB_BUCKETS;
  }
  let power = 0;
  let rest = value;
  while (rest >= 0x8000_0000) {
    rest = Math.floor(rest / 0x1_0000);
    power += 16;
  }
  const shift = 31 - Math.clz32(rest) + power - SUB_BUCKET_BITS;
  return SUB_BUCKETS * (shift + 1) + Math.floor(value / 2 ** shift) - SUB_BUCKETS;
}

function lastOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1;
  return ((bucket % SUB_BUCKETS) + SUB_BUCKETS + 1) * 2 ** shift - 1;
}
