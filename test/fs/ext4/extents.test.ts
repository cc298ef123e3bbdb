import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Engine } from "../../../sim/engine/index.ts";
import { BlockUsers } from "../../../sim/fs/ext4/extents.ts";
import { Ext4File } from "../../../sim/fs/ext4/file.ts";

function emptyFile(size: number) {
  const users = new BlockUsers();
  const file = new Ext4File(new Engine({ seed: "extents" }), "/f", 1, size, users);
  return { extents: file.extents, users, file };
}

/** "0:100+3 5:200+2u": file block 0 at block 100, three of them; u is unwritten. */
function show(extents: Iterable<{ first: number; count: number; block: number; written: boolean }>): string {
  return [...extents].map((e) => `${e.first}:${e.block}+${e.count}${e.written ? "" : "u"}`).join(" ");
}

function build(picture: string) {
  const made = emptyFile(1_000_000);
  for (const [, first, block, count, kind] of picture.matchAll(/(\d+):(\d+)\+(\d+)(u?)/g)) {
    made.extents.insert({
      first: Number(first),
      block: Number(block),
      count: Number(count),
      written: kind === "",
    });
  }
  return made;
}

describe("the extents of a file", () => {
  it.each([
    ["0:100+3 3:103+2", "0:100+5", "joins what continues in file and on disk"],
    ["3:103+2 0:100+3", "0:100+5", "joins in any order"],
    ["0:100+3 6:106+1 3:103+3", "0:100+7", "joins on both sides"],
    ["0:100+3 3:104+2", "0:100+3 3:104+2", "keeps pieces that lie apart on disk"],
    ["0:100+3 4:103+2", "0:100+3 4:103+2", "keeps pieces with a hole between them"],
    ["0:100+3 3:103+2u", "0:100+3 3:103+2u", "keeps written and unwritten apart"],
    ["0:0+32768", "0:0+32768", "a written extent is up to 128 MiB long"],
    ["0:0+32769", "0:0+32768 32768:32768+1", "and no longer"],
    ["0:0+32767u", "0:0+32767u", "an unwritten one is a block shorter"],
    ["0:0+32768u", "0:0+32767u 32767:32767+1u", "and no longer"],
  ])("%s becomes %s: %s", (picture, expected) => {
    expect(show(build(picture).extents)).toBe(expected);
  });

  it("counts extents as filefrag does: by place, not by kind or length", () => {
    expect(build("0:0+32769u").extents.physicalRuns()).toHaveLength(1);
    expect(build("0:100+3 3:103+2u").extents.physicalRuns()).toHaveLength(1);
    expect(build("0:100+3 3:104+2").extents.physicalRuns()).toHaveLength(2);
  });

  it("shows holes as pieces", () => {
    const { extents } = build("2:100+2 6:200+4");
    expect(extents.pieces(0, 8).map(({ first, count, block }) => [first, count, block])).toEqual([
      [0, 2, undefined],
      [2, 2, 100],
      [4, 2, undefined],
      [6, 2, 200],
    ]);
  });

  it("turns the middle of an unwritten extent into a written one", () => {
    const { extents } = build("0:100+6u");
    extents.markWritten(2, 2);
    expect(show(extents)).toBe("0:100+2u 2:102+2 4:104+2u");
    extents.markWritten(0, 2);
    extents.markWritten(4, 2);
    expect(show(extents)).toBe("0:100+6");
  });

  it("knows the user of each block and nobody for the blocks beside it", () => {
    const { users, file } = build("4:100+3");
    expect(users.holderOf(99)).toBeUndefined();
    expect(users.holderOf(100)).toEqual({ owner: file.owner, index: 4 });
    expect(users.holderOf(102)).toEqual({ owner: file.owner, index: 6 });
    expect(users.holderOf(103)).toBeUndefined();
    file.linked = false;
    expect(users.holderOf(100)).toBeUndefined();
  });

  it("agrees with one entry per block under any insertions, removals and conversions", () => {
    const size = 24;
    const step = fc.record({
      kind: fc.constantFrom("insert", "unwritten", "remove", "convert"),
      first: fc.nat(size - 1),
      count: fc.integer({ min: 1, max: 8 }),
      block: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { extents, users } = emptyFile(size);
        const model = new Array<{ block: number; written: boolean } | undefined>(size).fill(undefined);
        for (const { kind, first, count, block: offset } of steps) {
          const end = Math.min(size, first + count);
          // Places depend on the file block, so that no two file blocks share one.
          const block = first + offset * size;
          const range = model.slice(first, end);
          if (kind === "remove") {
            extents.remove(first, end - first);
            model.fill(undefined, first, end);
          } else if (kind === "convert") {
            extents.markWritten(first, end - first);
            for (let at = first; at < end; at++) if (model[at]) model[at] = { ...model[at]!, written: true };
          } else if (range.every((entry) => entry === undefined)) {
            const written = kind === "insert";
            extents.insert({ first, count: end - first, block, written });
            for (let at = first; at < end; at++) model[at] = { block: block + (at - first), written };
          }
        }
        for (let at = 0; at < size; at++) {
          const extent = extents.at(at);
          const entry = extent && { block: extent.block + at - extent.first, written: extent.written };
          expect(entry).toEqual(model[at]);
          if (entry) expect(users.holderOf(entry.block)).toEqual({ owner: 1, index: at });
        }
        expect(extents.blocks).toBe(model.filter((entry) => entry).length);
        expect(users.size).toBe(extents.length);
      }),
    );
  });
});
