import fc from "fast-check";
import { expect, it } from "vitest";
import { explore, type Scenario, type StrategyVariant, searches, violationOf } from "../../sim/index.ts";
import { scene, tiny } from "../explore/support.ts";

/** Kinds of harm that all schedules up to a bound do, and whether all were tried. */
function harmOf(
  { scenario, variant }: { scenario: Scenario; variant: StrategyVariant },
  search: string,
  options: { bound: number; reduction: boolean },
) {
  const kinds = new Set<string>();
  const { schedules, complete } = explore(scenario, variant, searches.require(search), {
    ...options,
    schedules: 3000,
    all: true,
    onExecution: (execution) => {
      const violated = violationOf(execution);
      if (violated) kinds.add(violated.kind);
    },
  });
  return { kinds: [...kinds].toSorted((a, b) => a.localeCompare(b, "en")), schedules, complete };
}

const verb = fc.constantFrom("store 0", "pageout 0", "load 0");
const step = fc.constantFrom(
  "do: sync",
  "do: defrag, path: /swapfile",
  "do: reflink, path: /swapfile, target: /clone",
  "do: snapshot",
  "do: write, path: /db",
  "do: swapoff, path: /swapfile",
  "do: balance, vrange: /swapfile",
);
/** A program and an operation on the filesystem that its swap file lies in. */
const besideOperation = fc
  .record({
    lines: fc.array(verb, { minLength: 1, maxLength: 2 }),
    step,
    strategy: fc.constantFrom("bmap", "pinned", "direct-io"),
  })
  .map(({ lines, step: what, strategy }) =>
    scene(
      tiny({
        tasks: `  a: { script: [store 0, ${lines.join(", ")}] }`,
        timeline: `  - { id: s, at: 0s, ${what} }`,
      }),
      strategy,
    ),
  );

/** Two threads on one page that lies in zram, with or without the fix of KB-27. */
const threads = fc
  .record({
    first: fc.array(verb, { minLength: 1, maxLength: 2 }),
    second: fc.array(verb, { minLength: 1, maxLength: 2 }),
    faults: fc.constantFrom("", "noPinSlotOnRead", "noPinSlotOnRead"),
  })
  .map(({ first, second, faults }) =>
    scene(
      `
name: threads
machine: { memory: 4MiB, cpus: 2 }
storage: { zram0: { model: zram, size: 8KiB } }
swap: [{ device: zram0 }]
strategies: [partition]
faults: [${faults}]
tasks:
  first: { script: [store 0, pageout 0, ${first.join(", ")}] }
  second: { script: [store 0, pageout 0, ${second.join(", ")}], threadOf: first }
duration: 10s
`,
      "partition",
    ),
  );

it("a hundred random small machines come to the same harm with and without reductions", () => {
  let compared = 0;
  let tried = 0;
  let reduced = 0;
  let harmful = 0;
  fc.assert(
    fc.property(fc.oneof(besideOperation, threads), (small) => {
      if (compared === 100) return;
      const all = harmOf(small, "bounded", { bound: 1, reduction: false });
      if (!all.complete) return;
      const few = harmOf(small, "bounded", { bound: 1, reduction: true });
      expect(few.kinds).toEqual(all.kinds);
      expect(few.complete).toBe(true);
      compared++;
      if (all.kinds.length > 0) harmful++;
      tried += all.schedules;
      reduced += few.schedules;
    }),
    { numRuns: 300, seed: 8 },
  );
  expect(compared).toBe(100);
  expect(harmful).toBeGreaterThan(0);
  console.info(
    `reduction: ${tried} schedules became ${reduced}, a factor of ${(tried / reduced).toFixed(1)}; ${harmful} do harm`,
  );
}, 600_000);
