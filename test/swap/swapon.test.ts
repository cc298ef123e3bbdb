import { describe, expect, it } from "vitest";
import { createBlockDevice, deviceModels, Plug } from "../../sim/block/index.ts";
import { type Actor, delay, Engine, SECOND } from "../../sim/engine/index.ts";
import type { Filesystem } from "../../sim/fs/index.ts";
import { kernelProfiles } from "../../sim/mm/index.ts";
import {
  makeSwap,
  type SwapHeader,
  SwapIo,
  type SwaponResult,
  SwapSpace,
  type SwapTarget,
  swapoff,
  swapon,
} from "../../sim/swap/index.ts";
import { openTransport } from "./support.ts";

interface Setup {
  readonly strategy: string;
  readonly model?: string;
  /** Where each block of the swap file lies; undefined is a hole. */
  readonly layout?: readonly (number | undefined)[];
  readonly header?: Partial<SwapHeader>;
  readonly pages?: number;
  readonly priority?: number;
  readonly faults?: readonly string[];
  /** Blocks that the filesystem's activation finds; left out: 100. */
  readonly mapped?: number;
}

function setUp(setup: Setup) {
  const engine = new Engine({ seed: "swapon" });
  const device = createBlockDevice(engine, {
    name: "vda",
    model: deviceModels.require(setup.model ?? "nvme-consumer"),
    size: 10_000,
  });
  const layout = setup.layout ?? Array.from({ length: 100 }, (_, block) => 500 + block);
  const file = { path: "/swap", owner: 1, size: layout.length };
  const marks: boolean[] = [];
  const deactivated: string[] = [];
  const fs = {
    bmap: (_file: unknown, block: number) =>
      layout[block] === undefined ? undefined : { device, block: layout[block] },
    swapActivate: function* () {
      return { errno: undefined, extents: [{ slot: 0, count: setup.mapped ?? 100, device, block: 500 }] };
    },
    swapDeactivate: () => deactivated.push(file.path),
    setSwapFile: (_file: unknown, active: boolean) => marks.push(active),
  } as unknown as Filesystem;
  const target: SwapTarget =
    setup.strategy === "partition" ? { kind: "device", device } : { kind: "file", fs, file };
  const { strategy, faults = [] } = setup;
  const transport = openTransport(engine, { strategy, target, faults });
  const space = new SwapSpace(1, kernelProfiles.require("linux-6.1"));
  const pages = setup.pages ?? layout.length;
  const request = {
    name: "/swap",
    header: { ...makeSwap(pages), ...setup.header },
    targetPages: layout.length,
    ...(target.kind === "file" ? { file: target } : {}),
    priority: setup.priority,
    transport,
  };
  const run = <Result>(actor: Actor<Result>): Result => {
    let result: Result | undefined;
    engine.spawn(
      "test",
      (function* () {
        result = yield* actor;
      })(),
    );
    engine.run();
    return result!;
  };
  const activate = (): SwaponResult => run(swapon(engine, space, request));
  return { engine, device, space, transport, run, activate, marks, deactivated };
}

describe("swapon", () => {
  it.each([
    ["no signature", { signature: "missing" }, "Unable to find swap-space signature"],
    ["another version", { version: 2 }, "Unable to handle swap header version 2"],
    ["no usable page", { lastPage: 0 }, "Empty swap-file"],
    ["more pages than the file", { lastPage: 100 }, "Swap area shorter than signature indicates"],
    ["bad pages on a file", { badPages: [3] }, "bad pages on a regular file"],
  ] as const)("refuses a header with %s", (_name, header, message) => {
    expect(setUp({ strategy: "bmap", header }).activate()).toMatchObject({ errno: "EINVAL", message });
  });

  it("uses only as many pages as the header promises", () => {
    const { activate, space } = setUp({ strategy: "bmap", pages: 40 });
    expect(activate().errno).toBeUndefined();
    expect(space.total).toBe(39);
  });

  it("accepts a header as long as the file", () => {
    expect(setUp({ strategy: "bmap", header: { lastPage: 99 } }).activate().errno).toBeUndefined();
  });

  it("reports size, priority, extents and span as the kernel does", () => {
    const { activate } = setUp({ strategy: "bmap", layout: [...range(500, 50), ...range(600, 50)] });
    expect(activate().message).toBe("Adding 396k swap on /swap.  Priority:-2 extents:2 across:596k FS");
  });

  it("calls a partition on a solid-state disk SS, and one on a hard disk not", () => {
    expect(setUp({ strategy: "partition" }).activate().message).toMatch(/ SSFS$/);
    expect(setUp({ strategy: "partition", model: "hdd-7200" }).activate().message).toMatch(/k FS$/);
  });

  it.each(["bmap", "pinned", "direct-io"])(
    "marks the inode of a swap file under %s, until swapoff",
    (strategy) => {
      const { activate, space, run, marks } = setUp({ strategy });
      expect(activate().errno).toBeUndefined();
      expect(marks).toEqual([true]);
      run(
        swapoff(space, space.areas[0]!, function* () {
          return undefined;
        }),
      );
      expect(marks).toEqual([true, false]);
    },
  );

  it("marks nothing that it refuses", () => {
    const { activate, marks } = setUp({ strategy: "bmap", layout: [1, undefined] });
    expect(activate().errno).toBe("EINVAL");
    expect(marks).toEqual([]);
  });

  it("undoes an activation that found nothing but the page of the header", () => {
    const { activate, space, deactivated } = setUp({ strategy: "pinned", mapped: 1 });
    expect(activate()).toMatchObject({ errno: "EINVAL", message: "Empty swap-file" });
    expect([space.areas, deactivated]).toEqual([[], ["/swap"]]);
  });

  it("refuses a file with a hole", () => {
    const layout = [1, 2, undefined, 4];
    for (const strategy of ["bmap", "direct-io"]) {
      expect(setUp({ strategy, layout }).activate()).toMatchObject({ errno: "EINVAL" });
    }
  });

  it("puts areas in the order of their priorities, given ones first", () => {
    const { engine, space, run, transport } = setUp({ strategy: "partition" });
    const one = (name: string, priority: number | undefined) =>
      run(
        swapon(engine, space, {
          name,
          header: makeSwap(100),
          targetPages: 100,
          priority,
          transport,
        }),
      );
    one("automatic", undefined);
    one("low", 1);
    one("high", 9);
    one("automatic too", undefined);
    expect(space.areas.map((area) => `${area.name} ${area.priority}`)).toEqual([
      "high 9",
      "low 1",
      "automatic -2",
      "automatic too -3",
    ]);
  });
});

describe("a block transport", () => {
  it("carries a page to its slot and back", () => {
    const { activate, transport, engine, device } = setUp({ strategy: "bmap" });
    activate();
    const content = { generation: 77, owner: 1, index: 5 };
    const found: number[] = [];
    const plug = new Plug();
    engine.spawn(
      "writer",
      (function* () {
        transport.writePage(new SwapIo(7, 0, content, () => found.push(-1)), plug);
        plug.flush();
        yield delay("let the write end", SECOND);
        transport.readPage(
          new SwapIo(7, 0, { ...content, generation: 0 }, (io) => found.push(io.content.generation)),
          plug,
        );
        plug.flush();
        yield delay("let the read end", SECOND);
      })(),
    );
    engine.run();
    expect(found).toEqual([-1, 77]);
    expect(device.contents.at(507)).toEqual(content);
  });

  it("finds a slot through the extents", () => {
    const { activate, transport } = setUp({
      strategy: "bmap",
      layout: [...range(500, 50), ...range(800, 50)],
    });
    activate();
    expect(transport.placeOf(49)?.block).toBe(549);
    expect(transport.placeOf(50)?.block).toBe(800);
    expect(transport.placeOf(99)?.block).toBe(849);
  });

  it("misses by the extent's start when that is forgotten", () => {
    const { activate, transport } = setUp({ strategy: "bmap", faults: ["forgetExtentStart"] });
    activate();
    expect(transport.placeOf(7)?.block).toBe(7);
  });
});

describe("swapoff", () => {
  it("gives the space back, and only then the pins", () => {
    const { activate, run, space } = setUp({ strategy: "bmap" });
    const { area } = activate() as Extract<SwaponResult, { errno: undefined }>;
    const errno = run(
      swapoff(space, area, function* () {
        return undefined;
      }),
    );
    expect(errno).toBeUndefined();
    expect(space).toMatchObject({ total: 0, free: 0 });
    expect(
      run(
        swapoff(space, area, function* () {
          return undefined;
        }),
      ),
    ).toBe("EINVAL");
  });

  it("leaves the area in use when the pages cannot be brought back", () => {
    const { activate, run, space } = setUp({ strategy: "bmap" });
    const { area } = activate() as Extract<SwaponResult, { errno: undefined }>;
    const entry = space.allocate();
    expect(
      run(
        swapoff(space, area, function* () {
          return "ENOMEM" as const;
        }),
      ),
    ).toBe("ENOMEM");
    space.giveBack(entry);
    expect(space.areas).toEqual([area]);
    expect(space.total).toBe(99);
  });
});

function range(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start + index);
}

describe("an explorer of schedules", () => {
  it("hears that swapoff takes away the area that others look up", () => {
    const { activate, space, run } = setUp({ strategy: "bmap" });
    activate();
    const heard: string[] = [];
    space.watcher = {
      slot: (entry) => heard.push(`slot ${entry}`),
      freeSlots: () => heard.push("free slots"),
      areas: (changes) => heard.push(changes ? "area goes" : "area looked up"),
    };
    const area = space.getDevice(1)!;
    area.put();
    expect(heard.splice(0)).toEqual(["area looked up"]);
    run(
      swapoff(space, area, function* () {
        return undefined;
      }),
    );
    expect(heard.splice(0)).toEqual(["free slots", "area goes", "area goes"]);
    expect(() => space.areaOf(1)).toThrow("which swapoff has freed");
    expect(heard).toEqual(["slot 1", "area looked up"]);
  });
});
