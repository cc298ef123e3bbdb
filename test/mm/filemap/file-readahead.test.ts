import { describe, expect, it } from "vitest";
import { FileReadahead } from "../../../sim/mm/filemap/file-readahead.ts";

/** Reads pages in order as filemap_read does, and returns the windows as "first+pages". */
function sequential(filePages: number, count: number): string {
  const readahead = new FileReadahead(filePages);
  const cached = new Set<number>();
  const marks = new Set<number>();
  const windows: string[] = [];
  const has = (page: number): boolean => cached.has(page);
  const fetch = (window: ReturnType<FileReadahead["window"]>): void => {
    if (!window) return;
    windows.push(`${window.first}+${window.pages}`);
    for (let page = window.first; page < window.first + window.pages; page++) cached.add(page);
    marks.add(window.mark);
  };
  for (let page = 0; page < count; page++) {
    if (!has(page)) fetch(readahead.window(page, false, has));
    if (marks.delete(page)) fetch(readahead.window(page, true, has));
    readahead.hasRead(page);
  }
  return windows.join(" ");
}

describe("readahead of a file", () => {
  it("grows from 4 pages to 32 and stays there, for a reader in order", () => {
    expect(sequential(1000, 92)).toBe("0+4 4+8 12+16 28+32 60+32 92+32");
  });

  it("ends with the file", () => {
    expect(sequential(50, 50)).toBe("0+4 4+8 12+16 28+22");
  });

  it("reads one page for a reader without a pattern", () => {
    const readahead = new FileReadahead(1000);
    expect(readahead.window(500, false, () => false)).toEqual({ first: 500, pages: 1, mark: -1 });
  });

  it("goes on behind what is cached when it comes to a mark that somebody else left", () => {
    const readahead = new FileReadahead(1000);
    expect(readahead.window(100, true, (page) => page <= 103)).toMatchObject({ first: 104, pages: 10 });
    expect(readahead.window(300, true, () => true)).toBeUndefined();
  });

  it("reads around a fault, but not before the file", () => {
    const readahead = new FileReadahead(1000);
    expect(readahead.windowAround(100)).toEqual({ first: 84, pages: 32, mark: 108 });
    expect(readahead.windowAround(5)).toEqual({ first: 0, pages: 32, mark: 24 });
  });
});
