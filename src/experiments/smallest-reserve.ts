import type { Verdict } from "../../sim/index.ts";

/** Pages of the reserve (vm.min_free_kbytes), and how the scenario ended with it. */
export interface ReserveTry {
  readonly pages: number;
  readonly verdict: Verdict;
}

/** What one variant needs. */
export interface SmallestReserve {
  readonly strategy: string;
  /** What the kernel sets aside by itself. */
  readonly usualPages: number;
  /** Null: it makes no progress with the largest that was tried either. */
  readonly smallestPages: number | null;
  /** In the order in which they were tried. */
  readonly tries: readonly ReserveTry[];
}

/** Verdicts of a machine that stood still, or had to kill. */
const NO_PROGRESS: readonly Verdict[] = ["deadlocked", "out-of-memory"];
/** No more than this part of memory is tried. */
const LARGEST_SHARE = 4;

/**
 * The smallest reserve with which a scenario still makes progress, by bisection: a smaller one is taken to fail wherever a
 * larger one does. `run` runs the scenario with so many pages of reserve.
 */
export async function findSmallestReserve(
  strategy: string,
  machine: { readonly usualPages: number; readonly memoryPages: number },
  run: (pages: number) => Promise<Verdict>,
): Promise<SmallestReserve> {
  const { usualPages, memoryPages } = machine;
  const tries: ReserveTry[] = [];
  const works = async (pages: number): Promise<boolean> => {
    const verdict = await run(pages);
    tries.push({ pages, verdict });
    return !NO_PROGRESS.includes(verdict);
  };
  let [failing, working] = [-1, usualPages];
  while (!(await works(working))) {
    failing = working;
    working *= 2;
    if (working > memoryPages / LARGEST_SHARE) return { strategy, usualPages, smallestPages: null, tries };
  }
  while (working - failing > 1) {
    const middle = Math.floor((failing + working) / 2);
    if (await works(middle)) working = middle;
    else failing = middle;
  }
  return { strategy, usualPages, smallestPages: working, tries };
}
