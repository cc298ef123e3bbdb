import fc from "fast-check";
import { tiny } from "../explore/support.ts";
import { type Scene, scene } from "./scene.ts";

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

/** A program and what it forks, on a page that goes to swap under one or the other. */
const forks = fc
  .record({
    parent: fc.array(verb, { minLength: 1, maxLength: 2 }),
    child: fc.array(verb, { minLength: 1, maxLength: 2 }),
  })
  .map(({ parent, child }) =>
    scene(
      tiny({
        tasks: `  a: { script: [store 0, ${parent.join(", ")}] }\n  b: { script: [${child.join(", ")}], forkOf: a }`,
      }),
      "direct-io",
    ),
  );

/** A machine so small that all its schedules can be tried; now and then one that does harm. */
export const smallMachine: fc.Arbitrary<Scene> = fc.oneof(besideOperation, threads, forks);
