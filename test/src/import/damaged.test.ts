import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type DumpText, ImportProblem, importDisk } from "../../../src/import/index.ts";

/** What an import says about texts that are not what they must be: file, line, found, expected. */

function textsOf(state: string): DumpText[] {
  const folder = `${import.meta.dirname}/dumps/${state}`;
  return readdirSync(folder).map((name) => {
    const bytes = readFileSync(`${folder}/${name}`);
    return {
      file: name.replace(".gz", ""),
      text: (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString(),
    };
  });
}

/** The import of 1-fresh-active with one text changed; what it is refused with. */
function complaint(file: string, change: (text: string) => string): string {
  const texts = textsOf("1-fresh-active").map((dump) =>
    dump.file === file ? { file, text: change(dump.text) } : dump,
  );
  try {
    importDisk("disk", texts);
  } catch (error) {
    if (error instanceof ImportProblem) return error.message;
    throw error;
  }
  return "nothing";
}

function cutAfter(lines: number): (text: string) => string {
  return (text) => text.split("\n").slice(0, lines).join("\n");
}

describe("an import refuses", () => {
  it("nothing of a whole set", () => {
    expect(complaint("usage.txt", (text) => text)).toBe("nothing");
  });

  it("a chunk tree that is cut off", () => {
    expect(complaint("tree-chunk.txt", cutAfter(20))).toMatch(
      /^tree-chunk\.txt:\d+: found \d items, expected 5, as line 3 says: it is cut off$/,
    );
  });

  it("an extent tree that is cut off", () => {
    expect(complaint("tree-extent.txt", cutAfter(60))).toMatch(
      /^tree-extent\.txt:\d+: found \d+ items, expected \d+, as line 3 says: it is cut off$/,
    );
  });

  it("two trees of different filesystems", () => {
    const other = textsOf("4-two-active").find(({ file }) => file === "tree-extent.txt")!.text;
    expect(complaint("tree-extent.txt", () => other)).toMatch(
      /^tree-extent\.txt:1: found filesystem [0-9a-f-]+, expected [0-9a-f-]+, as in tree-chunk\.txt$/,
    );
  });

  it("a filefrag of a file outside the dump", () => {
    const moved = (text: string): string =>
      text.replace(/298844160|111391/g, "9999999").replace(/ \d{5,}\.\. /, " 99999999.. ");
    expect(complaint("filefrag-swap.txt", moved)).toMatch(
      /^filefrag-swap\.txt:4: found \/mnt\/b\/swapfile at \d+, \d+ bytes, expected an address in a chunk of tree-chunk\.txt$/,
    );
  });

  it("a filefrag of another filesystem of the same shape", () => {
    const other = textsOf("3-two").find(({ file }) => file === "filefrag-swap.txt")!.text;
    expect(complaint("filefrag-swap.txt", () => other)).toMatch(
      /^filefrag-swap\.txt:5: found .* bytes, expected data extents of tree-extent\.txt all the way$/,
    );
  });

  it("a filefrag whose extents no single file holds", () => {
    // The file of filefrag-b.txt has 128 extents; the last of them is given to another inode.
    const given = (text: string): string =>
      text.replace(/objectid 302 (?![\s\S]*objectid 302 )/, "objectid 999 ");
    expect(complaint("tree-extent.txt", given)).toMatch(
      /^filefrag-b\.txt:\d+: found .*: held by 5\/999, expected an extent of inode 5\/302, as the lines before$/,
    );
  });

  it("a filefrag that is cut off, or has a line of something else", () => {
    expect(complaint("filefrag-swap.txt", cutAfter(4))).toMatch(
      /^filefrag-swap\.txt:4: found the end of the file after .*: it is cut off$/,
    );
    expect(complaint("filefrag-swap.txt", (text) => text.replace("last", "\nx"))).toMatch(
      /^filefrag-swap\.txt:6: found "x.*", expected a line of filefrag -v$/,
    );
  });

  it("a usage of another moment", () => {
    expect(
      complaint("usage.txt", (text) =>
        text.replace("Used:800632832", "Used:1").replace(/(Data,single: Size:\d+, Used:)\d+/, "$11"),
      ),
    ).toMatch(
      /^usage\.txt:15: found data,single of \d+ bytes, 1 used, expected 880803840 and \d+, as in the trees$/,
    );
  });

  it("a folder without the trees, and one with two of a kind", () => {
    expect(complaint("tree-chunk.txt", () => "nothing of btrfs\n")).toBe(
      "disk: found no text of btrfs inspect-internal dump-tree -t chunk, expected one file with it",
    );
    const chunk = textsOf("1-fresh-active").find(({ file }) => file === "tree-chunk.txt")!.text;
    expect(complaint("usage.txt", () => chunk)).toMatch(
      /^usage\.txt:1: found a second text of .*-t chunk, expected one, as in tree-chunk\.txt$/,
    );
  });
});
