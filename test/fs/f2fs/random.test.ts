import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Actor, bytesOf, MILLISECOND } from "../../../sim/engine/index.ts";
import type { FileHandle } from "../../../sim/fs/index.ts";
import { delay, type F2fsMachine, f2fsMachine } from "../support/plain-machine.ts";

const PATHS = ["/a", "/b", "/c", "/d"];
const SIZE = 1200;

const step = fc.record({
  kind: fc.constantFrom(
    "write",
    "write",
    "write",
    "direct-write",
    "pin",
    "unpin",
    "punch",
    "defrag",
    "unlink",
    "create",
    "sync",
    "trim",
    "collect",
    "collect",
    "collect in the background",
    "swapon",
    "swapoff",
    "power loss",
  ),
  path: fc.constantFrom(...PATHS),
  first: fc.nat(SIZE - 1),
  count: fc.integer({ min: 1, max: 600 }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** One step as an actor; undefined if it makes no sense now. */
function actorOf({ fs }: F2fsMachine, { kind, path, first, count }: Step): Actor<unknown> | undefined {
  const { garbageCollection: gc, fileOperations: files } = fs;
  if (kind === "sync") return fs.sync();
  if (kind === "trim") return fs.trim("t");
  if (kind === "collect") return gc.collect(true, "g");
  if (kind === "collect in the background") return gc.collect(false, "g");
  const file = fs.lookup(path);
  if (!file || file.size === 0) return undefined;
  const from = first % file.size;
  const length = Math.min(count, file.size - from);
  const range = { from: bytesOf(from), to: bytesOf(from + length) };
  if (kind === "write") return fs.write(file, from, length);
  if (kind === "direct-write")
    return fs.directWrite(file, from, { generation: 9_000_000 + first, owner: 0, index: 0 });
  if (kind === "pin") return gc.pin(file, true);
  if (kind === "unpin") return gc.pin(file, false);
  if (kind === "punch") return files.fallocate(file, "punch-hole", range, "p");
  if (kind === "defrag") return fs.defragment(file, bytesOf(1), "d");
  if (kind === "unlink") return fs.unlink(path, "u");
  if (kind === "swapon") return fs.swapActivate(file, file.size);
  return undefined;
}

function create({ fs }: F2fsMachine, { path, first, count }: Pick<Step, "path" | "first" | "count">): void {
  const extents = 1 + (first % 9);
  fs.createFile({ path, size: bytesOf(count), nocow: false, extents, preallocated: first % 5 === 0 });
}

/** Every file reads as its writers left it, on the device as well. */
function expectRight({ fs, run, heard, device }: F2fsMachine): void {
  for (const file of fs.files()) if (file.size > 0) run(fs.read(file, 0, file.size));
  expect(heard.wrongReads).toEqual([]);
  expect(fs.check()).toEqual([]);
  fs.forEachBlock((file: FileHandle, block, { block: place }) => {
    expect(device.contents.generationAt(place)).toBe(heard.expected(file, block));
  });
}

describe("f2fs under random operations", () => {
  it("keeps every file, through collections and power losses, and the recount agrees", () => {
    let collected = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 25 }), (steps) => {
        const machine = f2fsMachine({ blocks: 16_384 });
        for (const path of PATHS.slice(0, 2)) create(machine, { path, first: 3, count: SIZE });
        for (const each of steps) {
          const file = machine.fs.lookup(each.path);
          if (each.kind === "create") create(machine, each);
          else if (each.kind === "power loss") machine.losePower();
          else if (each.kind === "swapoff") {
            if (file) machine.fs.swapDeactivate(file);
          } else {
            const actor = actorOf(machine, each);
            if (actor) machine.run(actor);
          }
          if (each.kind === "power loss") expectRight(machine);
          else expect(machine.fs.check()).toEqual([]);
        }
        expectRight(machine);
        collected += machine.heard.relocations.filter(
          ({ how, operation }) => how === "moved" && operation !== "d",
        ).length;
      }),
      { numRuns: 40, seed: 5 },
    );
    expect(collected).toBeGreaterThan(20);
  });

  it("never shows a reader old or foreign contents when everything happens at once", () => {
    const scenes = fc.record({ steps: fc.array(step, { minLength: 5, maxLength: 30 }), gap: fc.nat(4) });
    fc.assert(
      fc.property(scenes, ({ steps, gap }) => {
        const machine = f2fsMachine({ blocks: 16_384, model: "ssd-sata" });
        const { fs, run, start } = machine;
        for (const path of PATHS) create(machine, { path, first: 8, count: 700 });
        for (const each of steps) {
          if (each.kind === "power loss") machine.losePower();
          const actor = actorOf(machine, each);
          if (actor) start(actor);
          const file = fs.lookup(each.path);
          if (file) start(fs.read(file, 0, file.size));
          run(sleep(gap * 100_000));
          expect(fs.check()).toEqual([]);
        }
        run(sleep(2_000 * MILLISECOND));
        expectRight(machine);
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});

function* sleep(duration: number): Actor {
  yield delay("sleep", duration);
}
