import { describe, expect, it } from "vitest";
import { type BlockContent, Plug } from "../../sim/block/index.ts";
import { type Actor, delay, Engine, SECOND } from "../../sim/engine/index.ts";
import type { FileHandle, Filesystem, SwapRequest } from "../../sim/fs/index.ts";
import { simulate } from "../../sim/index.ts";
import { SwapIo } from "../../sim/swap/index.ts";
import { plain, smallScenario, step } from "../support/scenarios.ts";
import { openTransport } from "./support.ts";

const FILE: FileHandle = { path: "/swap", owner: 1, size: 4096 };

/** A filesystem that notes each request as a text, "write 5+3", and serves it in a millisecond. */
function setUp(options: { fails?: boolean } = {}) {
  const engine = new Engine({ seed: "swap_rw" });
  const requests: string[] = [];
  let underWay = 0;
  let most = 0;
  const stored = new Map<number, BlockContent>();
  const fs = {
    type: "nfs",
    bmap: (_file: unknown, block: number) => ({ device: undefined, block }),
    *swapRw(_file: unknown, { operation, first, pages, contents }: SwapRequest) {
      requests.push(`${operation} ${first}+${pages}`);
      most = Math.max(most, ++underWay);
      yield delay("the server works", 1_000_000);
      underWay--;
      if (options.fails) return "EIO" as const;
      for (const [index, content] of (contents ?? []).entries()) stored.set(first + index, content);
      return Array.from({ length: pages }, (_, index) => stored.get(first + index)!);
    },
  } as unknown as Filesystem;
  const transport = openTransport(engine, { strategy: "swap-rw", target: { kind: "file", fs, file: FILE } });
  const ended: string[] = [];
  const io = (slot: number): SwapIo => {
    const content = { generation: 1000 + slot, owner: 1, index: slot };
    return new SwapIo(slot, 1, content, ({ failed }) => ended.push(`${slot}${failed ? " failed" : ""}`));
  };
  /** Sends pages under one plug. */
  const send = (
    operation: "read" | "write",
    slots: readonly number[],
    plug: Plug | undefined = new Plug(),
  ): void => {
    const all = function* (): Actor {
      for (const slot of slots) {
        const waiting =
          operation === "read" ? transport.readPage(io(slot), plug) : transport.writePage(io(slot), plug!);
        if (waiting) yield* waiting;
      }
      plug?.flush();
    };
    engine.spawn("submitter", all());
    engine.run();
  };
  return { engine, send, requests, ended, transport, mostUnderWay: () => most };
}

const range = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

describe("swap_rw", () => {
  it("gathers pages that follow each other, up to 32 to a request", () => {
    const { send, requests } = setUp();
    send("write", range(1, 70));
    expect(requests).toEqual(["write 1+32", "write 33+32", "write 65+6"]);
  });

  it("begins a new request where a page does not follow, or the direction changes", () => {
    const { send, requests, transport } = setUp();
    send("write", [5, 6, 9, 8, 7]);
    expect(requests).toEqual(["write 5+2", "write 9+1", "write 8+1", "write 7+1"]);
    requests.length = 0;
    const plug = new Plug();
    send("read", [5, 6], plug);
    expect([requests, transport.synchronousIo]).toEqual([["read 5+2"], false]);
  });

  it("sends a read without a plug at once", () => {
    const { send, requests } = setUp();
    send("read", [4], undefined);
    expect(requests).toEqual(["read 4+1"]);
  });

  it("makes every page of a failed request fail, and only those", () => {
    const { send, ended } = setUp({ fails: true });
    send("write", range(1, 33));
    expect(ended).toHaveLength(33);
    expect(ended.every((text) => text.endsWith("failed"))).toBe(true);
  });

  it("has at most 32 requests under way: the next page waits for one to end", () => {
    const { send, requests, mostUnderWay, ended } = setUp();
    send(
      "write",
      range(0, 100).map((index) => index * 2),
    );
    expect([requests.length, ended.length, mostUnderWay()]).toEqual([100, 100, 32]);
  });
});

describe("swap-rw on btrfs", () => {
  it.each(["nocow", "cow"])(
    "keeps every page of a %s file while balance moves it and a snapshot shares it",
    (file) => {
      const scenario = smallScenario({
        duration: 20 * SECOND,
        timeline: [step(5, "balance", { vrange: "/swapfile" }), step(9, "snapshot", { subvolume: "/" })],
      });
      const result = simulate(
        scenario,
        { name: "swap-rw", strategy: "swap-rw", options: { file } },
        { thorough: true },
      );
      expect(result).toMatchObject({ verdict: "correct", violations: [], checks: [] });
    },
  );

  it("sends far fewer requests than pages, and is not slower at it than one page at a time", () => {
    const requests = (strategy: string): number => {
      const { counters } = simulate(smallScenario({ duration: 10 * SECOND, timeline: [] }), plain(strategy));
      return counters["blk.vda.wr_ios"]! / counters["pswpout"]!;
    };
    expect(requests("swap-rw")).toBeLessThan(0.8 * requests("direct-io"));
  });

  it("is refused where the filesystem has no swap_rw", () => {
    const base = smallScenario();
    const filesystem = { ...base.filesystem!, type: "ext4", options: {} };
    const files = base.filesystem!.files.map((file) => ({ ...file, nocow: false }));
    const result = simulate(
      { ...base, filesystem: { ...filesystem, files }, timeline: [] },
      plain("swap-rw"),
    );
    expect(result).toMatchObject({
      verdict: "refused",
      reason: expect.stringContaining("ext4 has no swap_rw"),
    });
  });
});
