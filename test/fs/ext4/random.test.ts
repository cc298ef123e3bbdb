import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Actor, bytesOf, MILLISECOND } from "../../../sim/engine/index.ts";
import type { FileHandle } from "../../../sim/fs/index.ts";
import { delay, type Ext4Machine, ext4Machine } from "../support/plain-machine.ts";

const PATHS = ["/a", "/b", "/c", "/d"];

const step = fc.record({
  kind: fc.constantFrom(
    "create",
    "create",
    "preallocate",
    "write",
    "write",
    "direct-write",
    "punch",
    "defrag",
    "unlink",
    "sync",
    "trim",
    "swapon",
    "swapoff",
  ),
  path: fc.constantFrom(...PATHS),
  first: fc.nat(79),
  count: fc.integer({ min: 1, max: 80 }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** One step as an actor; undefined if it makes no sense now. */
function actorOf({ fs }: Ext4Machine, { kind, path, first, count }: Step): Actor<unknown> | undefined {
  const file = fs.lookup(path);
  if (kind === "sync") return fs.sync();
  if (kind === "trim") return fs.trim("t");
  if (!file || file.size === 0) return undefined;
  const from = first % file.size;
  const length = Math.min(count, file.size - from);
  if (kind === "write") return fs.write(file, from, length);
  if (kind === "direct-write")
    return fs.directWrite(file, from, { generation: 1_000_000 + first, owner: 0, index: 0 });
  if (kind === "punch") return fs.punchHole(file, from, length);
  if (kind === "defrag") return fs.defragment(file, bytesOf(count + 1), "d");
  if (kind === "unlink") return fs.unlink(path, "u");
  if (kind === "swapon") return fs.swapActivate(file, file.size);
  return undefined;
}

function create({ fs }: Ext4Machine, { kind, path, first, count }: Step): FileHandle | undefined {
  const spec = { path, size: bytesOf(count), nocow: false, extents: 1 + (first % 9) };
  const made = fs.createFile({ ...spec, preallocated: kind === "preallocate" });
  return typeof made === "string" ? undefined : made;
}

/** What direct reads of a whole file find. */
function read({ fs, run }: Ext4Machine, file: FileHandle): number[] {
  return Array.from({ length: file.size }, (_, block) => {
    const found = run(fs.directRead(file, block));
    if (typeof found === "string") throw new Error(found);
    return found.content.generation;
  });
}

describe("ext4 under random operations", () => {
  it.each(["4KiB", "1KiB"])(
    "holds what a plain array holds, and the recount agrees after each step (blocks of %s)",
    (blockSize) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
          const machine = ext4Machine({ blocks: 400, mount: { blockSize } });
          const { fs, run } = machine;
          const model = new Map<string, number[]>();
          for (const each of steps) {
            const file = fs.lookup(each.path);
            if (each.kind === "create" || each.kind === "preallocate") {
              const made = create(machine, each);
              if (made)
                model.set(
                  each.path,
                  each.kind === "create" ? read(machine, made) : new Array(made.size).fill(0),
                );
            } else if (each.kind === "swapoff") {
              if (file) fs.swapDeactivate(file);
            } else {
              const actor = actorOf(machine, each);
              const result = actor && run(actor);
              if (actor && file) apply(machine, model, each, file, result);
            }
            expect(fs.check()).toEqual([]);
          }
          expect(
            fs
              .files()
              .map(({ path }) => path)
              .sort(),
          ).toEqual([...model.keys()].sort());
          for (const [path, blocks] of model) expect(read(machine, fs.lookup(path)!)).toEqual(blocks);
        }),
        { numRuns: 150 },
      );
    },
  );

  it("never shows a reader old or foreign contents when everything happens at once", () => {
    const kinds = fc.record({ steps: fc.array(step, { minLength: 5, maxLength: 30 }), gap: fc.nat(4) });
    fc.assert(
      fc.property(kinds, ({ steps, gap }) => {
        const machine = ext4Machine({ blocks: 600, model: "ssd-sata" });
        const { fs, run, start, heard } = machine;
        for (const path of PATHS) machine.create(path, 40, { extents: 5 });
        for (const each of steps) {
          const actor = actorOf(machine, each);
          if (actor) start(actor);
          const file = fs.lookup(each.path);
          if (file) start(fs.read(file, 0, file.size));
          run(sleep(gap * 20_000));
          expect(fs.check()).toEqual([]);
        }
        run(sleep(500 * MILLISECOND));
        for (const file of fs.files()) run(fs.read(file, 0, file.size));
        expect(heard.wrongReads).toEqual([]);
        expect(fs.check()).toEqual([]);
        fs.forEachBlock((file, block, { device, block: place }) => {
          expect(device.contents.generationAt(place)).toBe(heard.expected(file, block));
        });
      }),
      { numRuns: 100 },
    );
  });
});

function* sleep(duration: number): Actor {
  yield delay("sleep", duration);
}

/** Carries a step that succeeded over to the arrays. */
function apply(
  machine: Ext4Machine,
  model: Map<string, number[]>,
  { kind, path, first, count }: Step,
  file: FileHandle,
  result: unknown,
): void {
  const blocks = model.get(path)!;
  const from = first % file.size;
  const end = Math.min(from + count, file.size);
  if (kind === "unlink") {
    if ((result as { errno?: string }).errno === undefined) model.delete(path);
    return;
  }
  if (result !== undefined) return;
  if (kind === "punch") blocks.fill(0, from, end);
  if (kind === "direct-write") blocks[from] = 1_000_000 + first;
  if (kind !== "write") return;
  const newest = Math.max(0, ...[...model.values()].flat().filter((generation) => generation < 1_000_000));
  const fresh = read(machine, file);
  for (let block = from; block < end; block++) {
    expect(fresh[block]).toBeGreaterThan(newest);
    blocks[block] = fresh[block]!;
  }
}
