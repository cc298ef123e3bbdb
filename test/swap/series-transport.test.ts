import { describe, expect, it } from "vitest";
import { Plug } from "../../sim/block/index.ts";
import { type Actor, Engine } from "../../sim/engine/index.ts";
import type { FileHandle, Filesystem, Series2014 } from "../../sim/fs/index.ts";
import { kernelProfiles } from "../../sim/mm/index.ts";
import { SwapIo, SwapSpace, swapon } from "../../sim/swap/index.ts";
import { findCycle } from "../../sim/wait-for-graph.ts";
import { openTransport } from "./support.ts";

const FILE: FileHandle = { path: "/swap", owner: 1, size: 64 };

/** A filesystem of a page or two: what is written comes back; what it does not know is short. */
class FakeSeries implements Series2014 {
  readonly dirtiesPages: Series2014["dirtiesPages"];
  readonly readpageTakesSwapCache: boolean;
  readonly calls: string[] = [];

  constructor(kind: "btrfs" | "nfs") {
    this.dirtiesPages = kind === "nfs" ? "marking" : "locking";
    this.readpageTakesSwapCache = kind === "nfs";
  }

  *swapActivate(): ReturnType<Series2014["swapActivate"]> {
    this.calls.push("swapActivate");
    return { errno: undefined };
  }

  *enabled(): Actor {
    this.calls.push("enabled");
  }

  swapDeactivate(): void {
    this.calls.push("swapDeactivate");
  }

  *directWrite(_file: FileHandle, block: number): ReturnType<Series2014["directWrite"]> {
    return block === 13 ? "short" : undefined;
  }

  *directRead(_file: FileHandle, block: number): ReturnType<Series2014["directRead"]> {
    const place = { device: undefined as never, block };
    return block === 13 ? "short" : { content: { generation: block, owner: 1, index: block }, place };
  }

  *readpage(_file: FileHandle, block: number, end: Parameters<Series2014["readpage"]>[2]): Actor {
    this.calls.push("readpage");
    end({ content: { generation: block, owner: 1, index: block }, place: undefined });
  }
}

function setUp(kind: "btrfs" | "nfs", strategy: string, options: Readonly<Record<string, boolean | string>>) {
  const engine = new Engine({ seed: "series" });
  const series = new FakeSeries(kind);
  const lines: string[] = [];
  const fs = { type: kind, series2014: series, bmap: () => undefined } as unknown as Filesystem;
  const target = { kind: "file", fs, file: FILE } as const;
  const transport = openTransport(engine, { strategy, target, options, log: (line) => lines.push(line) });
  const run = (actor: Actor<unknown>): void => {
    engine.spawn("task", actor);
    engine.run();
  };
  const read = (slot: number): SwapIo => {
    const io = new SwapIo(slot, 1, { generation: 0, owner: 0, index: 0 }, () => {});
    run(transport.readPage(io, undefined)!);
    return io;
  };
  const write = (slot: number): SwapIo => {
    const io = new SwapIo(slot, 1, { generation: 9, owner: 1, index: slot }, () => {});
    run(transport.writePage(io, new Plug())!);
    return io;
  };
  return { engine, transport, series, lines, run, read, write };
}

const era2014 = (options: Readonly<Record<string, boolean>> = {}) => ({ era: "2014", ...options });

describe("swap through the 2014 series", () => {
  it("sets S_SWAPFILE after the area is in use, and gives it back at swapoff", () => {
    const { engine, transport, series, run } = setUp("btrfs", "direct-io", era2014());
    const space = new SwapSpace(1, kernelProfiles.require("linux-6.1"));
    const header = { signature: "SWAPSPACE2", version: 1, lastPage: 63, badPages: [] } as const;
    const request = {
      name: "/swap",
      header,
      targetPages: 64,
      isRegularFile: true,
      priority: undefined,
      transport,
    };
    run(swapon(engine, space, request));
    expect([space.total, series.calls]).toEqual([63, ["swapActivate", "enabled"]]);
    transport.deactivate();
    expect(series.calls.at(-1)).toBe("swapDeactivate");
  });

  it("a short write keeps the page and is logged; a short read is an error", () => {
    const { read, write, lines } = setUp("btrfs", "direct-io", era2014());
    expect([write(5).failed, write(13).failed, read(5).failed, read(13).failed]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(lines).toEqual([`Write error on dio swapfile (${13 * 4096})`]);
  });

  it("patch 1: without it a page-in from a block filesystem waits for its own page lock; from NFS it does not", () => {
    for (const kind of ["btrfs", "nfs"] as const) {
      const { engine, read } = setUp(kind, "direct-io", era2014({ patch1: false }));
      const io = read(5);
      expect([io.done, findCycle(engine) !== undefined]).toEqual([kind === "nfs", kind === "btrfs"]);
    }
  });

  it("patch 2: without it every page that NFS reads is dirty; btrfs is not touched", () => {
    const dirtied = (kind: "btrfs" | "nfs", patch2: boolean): boolean =>
      setUp(kind, "direct-io", era2014({ patch2 })).read(5).dirtied;
    expect([dirtied("nfs", false), dirtied("nfs", true), dirtied("btrfs", false)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("patch 3: without it a page-in goes to readpage, where btrfs oopses and NFS copes", () => {
    const nfs = setUp("nfs", "direct-io", era2014({ patch3: false }));
    expect(nfs.read(5)).toMatchObject({ failed: false, content: { generation: 5 } });
    expect(nfs.series.calls).toEqual(["readpage"]);
    const btrfs = setUp("btrfs", "direct-io", era2014({ patch3: false }));
    expect(btrfs.read(5).done).toBe(false);
    expect(findCycle(btrfs.engine)).toContain("an oops");
    expect(btrfs.lines.join()).toContain("NULL pointer dereference");
  });

  it("v1 reads with readpage on both", () => {
    for (const kind of ["btrfs", "nfs"] as const) {
      const { read, series } = setUp(kind, "readpage", {});
      expect(read(5).failed).toBe(false);
      expect(series.calls).toEqual(["readpage"]);
    }
  });

  it("a filesystem that the series did not reach is refused in words", () => {
    const { transport, run } = setUp("btrfs", "direct-io", era2014());
    expect(transport).toBeDefined();
    const engine = new Engine({ seed: "none" });
    const fs = { type: "ext4" } as unknown as Filesystem;
    const target = { kind: "file", fs, file: FILE } as const;
    const other = openTransport(engine, { strategy: "readpage", target });
    let answer: unknown;
    run(
      (function* (): Actor {
        answer = yield* other.activate(64);
      })(),
    );
    expect(answer).toMatchObject({
      errno: "EINVAL",
      message: expect.stringContaining("ext4 has no swap_activate"),
    });
  });
});
