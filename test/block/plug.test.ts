import { describe, expect, it } from "vitest";
import { Bio, Plug } from "../../sim/block/index.ts";
import { type PlugTarget, REQUEST_MAX_PAGES } from "../../sim/block/plug.ts";
import type { Request } from "../../sim/block/request.ts";

/**
 * Bios of one plug as a text, "W8+4 R0 |": a write of 4 blocks at 8, a read of block 0, a flush of the plug.
 * Returns what reached the queue, in order, in the same language.
 */
function plugged(text: string): string {
  const sent: string[] = [];
  const target: PlugTarget = {
    enqueue: ({ operation, block, count }: Request) => {
      sent.push(`${operation[0]!.toUpperCase()}${block}${count > 1 ? `+${count}` : ""}`);
    },
    noteMerge() {},
  };
  const plug = new Plug();
  for (const word of text.split(" ")) {
    if (word === "|") {
      sent.push("|");
      plug.flush();
      continue;
    }
    const [block, count] = word.slice(1).split("+").map(Number);
    const operation = { W: "write", R: "read", D: "discard" } as const;
    plug.add(target, new Bio(operation[word[0] as "W"], block!, count ?? 1));
  }
  return sent.join(" ");
}

const writes = (blocks: readonly number[]): string => blocks.map((block) => `W${block}`).join(" ");
const range = (count: number, stride = 1): number[] =>
  Array.from({ length: count }, (_, index) => index * stride);

describe("a plug", () => {
  it.each([
    ["neighbours become one request", "W0 W1 W2 |", "| W0+3"],
    ["a neighbour in front joins too", "W5 W4 W3 |", "| W3+3"],
    ["a gap begins a new request", "W0 W1 W3 |", "| W3 W0+2"],
    ["reads and writes do not mix", "W0 R1 |", "| R1 W0"],
    ["only the most recent request is tried", "W0 W10 W1 |", "| W1 W10 W0"],
    ["long bios merge as well", "W0+8 W8+8 |", "| W0+16"],
    ["discards do not merge", "D0 D1 |", "| D1 D0"],
    ["the last request is sent first", "W0 R10 W20 |", "| W20 R10 W0"],
    ["nothing is sent before the flush", "W0 W2", ""],
  ])("%s", (_name, text, expected) => {
    expect(plugged(text)).toBe(expected);
  });

  it("holds 32 requests and is sent by the 33rd", () => {
    expect(plugged(writes(range(32, 2)))).toBe("");
    expect(plugged(writes(range(33, 2)))).toBe(writes(range(32, 2).toReversed()));
  });

  it("is sent by a new request when the last one holds 128 KiB, not below", () => {
    expect(plugged("W0+31 W100")).toBe("");
    expect(plugged("W0+32 W100")).toBe("W0+32");
  });

  it("merges up to 1280 KiB and no further", () => {
    expect(plugged(`W0+${REQUEST_MAX_PAGES - 1} W${REQUEST_MAX_PAGES - 1} |`)).toBe(
      `| W0+${REQUEST_MAX_PAGES}`,
    );
    expect(plugged(`W0+${REQUEST_MAX_PAGES} W${REQUEST_MAX_PAGES} |`)).toBe(
      `W0+${REQUEST_MAX_PAGES} | W${REQUEST_MAX_PAGES}`,
    );
  });
});
