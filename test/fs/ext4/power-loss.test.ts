import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, MIB, MICROSECOND, SECOND } from "../../../sim/engine/index.ts";
import { simulate } from "../../../sim/index.ts";
import { plain, smallScenario, step } from "../../support/scenarios.ts";
import { delay, ext4Machine } from "../support/plain-machine.ts";

function* sleep(duration: number) {
  yield delay("sleep", duration);
}

describe("ext4 after a power loss", () => {
  it("has the files, names, sizes and blocks of its last commit", () => {
    const machine = ext4Machine();
    const { fs, run } = machine;
    const kept = machine.create("/kept", 50);
    machine.create("/grown", 10);
    run(fs.sync());
    const place = fs.bmap(kept, 7);
    run(fs.unlink("/kept", "u"));
    run(fs.fileOperations.create("/new", false, "c"));
    run(fs.fileOperations.rename("/grown", "/renamed", "r"));
    run(fs.write(fs.lookup("/renamed")!, 10, 30));
    machine.losePower();
    expect(fs.files().map(({ path, size }) => `${path} ${size}`)).toEqual(["/kept 50", "/grown 10"]);
    expect(fs.bmap(kept, 7)).toEqual(place);
    expect(run(fs.read(kept, 0, 50))).toBeUndefined();
    expect(machine.heard.wrongReads).toEqual([]);
    expect(fs.check()).toEqual([]);
  });

  it("reads zeroes where blocks were allocated and their writes not committed", () => {
    const { fs, run, create, losePower, heard } = ext4Machine();
    const file = create("/a", 20, { preallocated: true });
    run(fs.sync());
    run(fs.write(file, 5, 3));
    losePower();
    run(fs.read(file, 0, 20));
    expect([heard.expected(file, 5), heard.wrongReads, heard.reads]).toEqual([0, [], 20]);
  });

  it("keeps committed data on a device with a volatile cache, because a commit flushes it", () => {
    const { fs, run, create, losePower, heard } = ext4Machine({ model: "ssd-sata" });
    const file = create("/a", 20);
    run(fs.write(file, 0, 20));
    const written = heard.expected(file, 3);
    run(fs.sync());
    run(fs.write(file, 10, 10));
    losePower();
    run(fs.read(file, 0, 20));
    expect(heard.expected(file, 3)).toBe(written);
    expect(heard.wrongReads).toEqual([]);
  });

  it("can be written, committed and lost again, whatever was under way", () => {
    const act = fc.record({
      kind: fc.constantFrom("write", "unlink", "create", "rename", "punch", "defrag", "sync", "swapon"),
      file: fc.nat(3),
      at: fc.nat(30),
      count: fc.integer({ min: 1, max: 30 }),
      wait: fc.nat(300),
    });
    fc.assert(
      fc.property(
        fc.array(act, { minLength: 3, maxLength: 20 }),
        fc.array(fc.nat(19), { maxLength: 3 }),
        (acts, cuts) => {
          const machine = ext4Machine({ blocks: 600, model: "ssd-sata" });
          const { fs, run, start, heard } = machine;
          for (const path of ["/0", "/1", "/2"]) machine.create(path, 40, { extents: 4 });
          fs.mount();
          for (const [index, { kind, file: number, at, count, wait }] of acts.entries()) {
            const path = `/${number}`;
            const file = fs.lookup(path);
            if (kind === "create") start(fs.fileOperations.create(path, false, "c"));
            else if (kind === "sync") start(fs.sync());
            else if (file && kind === "write") start(fs.write(file, at, count));
            else if (file && kind === "unlink") start(fs.unlink(path, "u"));
            else if (file && kind === "rename") start(fs.fileOperations.rename(path, `/${count % 4}`, "r"));
            else if (file && kind === "punch") start(fs.punchHole(file, at, count));
            else if (file && kind === "defrag") start(fs.defragment(file, bytesOf(16), "d"));
            else if (file && kind === "swapon") start(fs.swapActivate(file, file.size));
            run(sleep(wait * MICROSECOND));
            if (cuts.includes(index)) machine.losePower();
            expect(fs.check()).toEqual([]);
          }
          machine.losePower();
          expect(fs.check()).toEqual([]);
          for (const file of fs.files()) if (file.size > 0) run(fs.read(file, 0, file.size));
          expect(heard.wrongReads).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("keeps a whole machine right: tasks and swap are gone, fsck finds nothing", () => {
    const base = smallScenario();
    const filesystem = { ...base.filesystem!, type: "ext4", options: {} };
    const timeline = [
      step(2, "defrag", { path: "/db" }),
      step(3, "power-loss"),
      step(4, "write", { path: "/db", length: MIB }),
      step(5, "mkswap", { path: "/swapfile" }),
      step(6, "swapon", { path: "/swapfile" }),
    ];
    for (const strategy of ["pinned", "direct-io"]) {
      const result = simulate({ ...base, filesystem, timeline, duration: 8 * SECOND }, plain(strategy), {
        thorough: true,
      });
      expect(result.operations[1]?.achieved).toContain("fsck found nothing");
      expect(result.operations.slice(2).map((entry) => entry.result)).toEqual(["ok", "ok", "ok"]);
      expect([result.violations, result.checks]).toEqual([[], []]);
    }
  });
});
