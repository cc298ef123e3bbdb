import { describe, expect, it } from "vitest";
import type { Row } from "../../../sim/index.ts";
import { interleavingText } from "../../../src/explore/index.ts";
import { staleFact } from "../../../src/explore/stale-fact.ts";

/** Rows as a text, one a line: "swapon: map; extents of /s: a -> b"; a star before the name marks a switch. */
function rows(text: string): readonly Row[] {
  return text
    .trim()
    .split("\n")
    .map((line, at) => {
      const [, star, actor = "", label = "", , about, before, after] =
        /^\s*(\*?)(\w+): ([^;]+)(; (.+?): (.+?) -> (.+))?$/.exec(line) ?? [];
      const changes = about === undefined ? [] : [{ about, before, after }];
      return { at, actor, labels: [label], steps: [at], changes, preempts: star === "*" } as Row;
    });
}

const SNAPSHOT = rows(`
  snapshot: look
  *swapon: map; swap files: 0 -> 1
  snapshot: commit; sharing: 1 -> 2
  program: pageout
`);

describe("the interleaving as a mail", () => {
  it("has a column for each processor, whose next owner has a line of his own", () => {
    expect(interleavingText(SNAPSHOT)).toBe(`    CPU 0                              CPU 1
    ---------------------------------  ---------------------------------
    snapshot:
 1  look
                                       swapon:
 2*                                    map
                                         swap files: 0 -> 1
 3  commit
      sharing: 1 -> 2
    program:
 4  pageout
`);
  });

  it("fits in 72 characters whatever is in it", () => {
    const long = rows(`a: ${"btrfs_inc_block_group_swap_extents".repeat(4)}\nb: x\na: y\nb: z`);
    for (const line of interleavingText(long).split("\n")) expect(line.length).toBeLessThanOrEqual(72);
  });
});

describe("the fact that went stale", () => {
  it("is what somebody else changed between a look and an act", () => {
    expect(staleFact(rows("w: decide\nb: read-only; group: rw -> ro\nw: submit"), [])).toBe(
      "w acts at step 3 on what it knew at step 1; step 2 (b) changed it: group: rw -> ro.",
    );
  });

  describe("of bytes that swap wrote by a block list", () => {
    const moved = `
      balance: relocate; extents of /swapfile: 1+8 -> 9+8
      program: pageout; page 0: in memory -> slot 1 of /swapfile, vda block 2
      write: submit; extents of /db: 20+8 -> 1+8`;
    const list = "swapon wrote down the addresses of block 1 of /swapfile";

    it("is the list, however late somebody else changed something", () => {
      expect(staleFact(rows(moved), ["blocks were given to block 1 of /swapfile", list])).toBe(
        "the block list of /swapfile, made before the first step. Step 1 (balance) moved the blocks: " +
          "extents of /swapfile: 1+8 -> 9+8. Step 2 (program) went by it: " +
          "page 0: in memory -> slot 1 of /swapfile, vda block 2.",
      );
    });

    it("tells at which step the list was made, if it was one of these", () => {
      expect(staleFact(rows(`swapon: map; areas: 0 -> 1${moved}`), [list])).toContain(
        "made at step 1. Step 2",
      );
    });

    it("is another one if the file stayed where it was", () => {
      const stayed = "balance: look; exclusive: none -> balance\nprogram: pageout";
      expect(staleFact(rows(stayed), [list])).toContain("program acts at step 2");
    });
  });

  it("is none if only one moves", () => {
    expect(staleFact(rows("w: decide; a: 1 -> 2\nw: submit"), [])).toBeUndefined();
  });
});
