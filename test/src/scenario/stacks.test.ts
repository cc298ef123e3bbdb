import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import { formatProblem, parseScenario } from "../../../src/scenario/index.ts";

/** What a test is about; the rest of its scenario is always the same. */
interface Parts {
  /** Keys of `machine:` and of the first device, each with a comma before it. */
  readonly machine?: string;
  readonly device?: string;
  /** Model of the second device. */
  readonly model?: string;
  /** More lines of `storage:`. */
  readonly storage?: string;
  /** What the filesystem lies on. */
  readonly devices?: string;
  readonly swap?: string;
  readonly strategy?: string;
}

function read(parts: Parts) {
  const { machine = "", device = "", model = "nvme-consumer", storage = "", devices = "vda" } = parts;
  const { swap = "path: /swapfile", strategy = "direct-io" } = parts;
  const text = `name: stacks
machine: { memory: 64MiB${machine} }
storage:
  vda: { model: nvme-consumer, size: 4GiB${device} }
  vdb: { model: ${model}, size: 1GiB }
${storage}
filesystem:
  type: btrfs
  devices: [${devices}]
  files:
    /swapfile: { size: 256MiB, nocow: true }
    /image: { size: 128MiB, nocow: true }
swap:
  - ${swap}
strategies: [${strategy}]
tasks:
  worker: { pattern: uniform, pages: 100 }
duration: 9s
`;
  const readTrace = () => ({ found: "a trace", expected: "none" });
  const { scenario, problems = [] } = parseScenario({ file: "s.yaml", text, catalogue, readTrace });
  return { scenario, problems: problems.map(formatProblem) };
}

const problems = (parts: Parts): readonly string[] => read(parts).problems;

describe("options of the 2014 era", () => {
  it("are taken with that era", () => {
    expect(
      problems({ strategy: "{ direct-io: { era: 2014, patch1: false, version: v3, stall: 5ms } }" }),
    ).toEqual([]);
    expect(problems({ strategy: "{ readpage: { patch5: false } }" })).toEqual([]);
  });

  it("are a problem without it, because they would change nothing", () => {
    const [first, ...more] = problems({ strategy: "{ direct-io: { patch1: false } }" });
    expect(more).toEqual([]);
    expect(first).toContain("found patch1 with era: fixed, expected era: 2014 beside it");
  });

  it("name no sixth patch, and no negative stall", () => {
    expect(problems({ strategy: "{ direct-io: { era: 2014, patch6: false } }" })[0]).toContain("patch6");
    expect(problems({ strategy: "{ direct-io: { era: 2014, stall: -5ms } }" })).toHaveLength(1);
  });
});

describe("impossible stacks", () => {
  it("zswap on zram is a problem, zswap on a disk and zram alone are none", () => {
    const zswap = ", zswap: { zpool: zbud }";
    const onVdb = (machine: string, model: string) =>
      problems({ machine, model, strategy: "partition", swap: "device: vdb" });
    expect(onVdb(zswap, "zram")[0]).toContain(
      "found zswap on zram (vdb), expected swap that zswap can write to",
    );
    expect([...onVdb(zswap, "nvme-consumer"), ...onVdb("", "zram")]).toEqual([]);
  });
});

describe("faults of a device", () => {
  it("are shares from 0 to 1", () => {
    expect(problems({ device: ", readErrors: 0.01, writeErrors: 1, spikes: 0.5, spikeTime: 3ms" })).toEqual(
      [],
    );
    for (const wrong of ["readErrors: 1.5", "writeErrors: -0.1", "spikes: often", "spikeTime: 3"]) {
      expect(problems({ device: `, ${wrong}` })).toHaveLength(1);
    }
  });
});

describe("devices over something else", () => {
  it("have the size of what they lie over, in any order of the file", () => {
    const storage = "  outer: { model: dm-crypt, over: loop0 }\n  loop0: { model: loop, over: /image }";
    const { scenario } = read({ storage });
    expect(scenario?.storage.map(({ name, size }) => [name, size / 2 ** 20])).toEqual([
      ["vda", 4096],
      ["vdb", 1024],
      ["outer", 128],
      ["loop0", 128],
    ]);
  });

  it.each([
    [
      "a loop file on itself",
      "  l: { model: loop, over: /image }",
      { devices: "l" },
      "does not lie over a file",
    ],
    [
      "the same one layer up",
      "  l: { model: loop, over: /image }\n  c: { model: dm-crypt, over: l }",
      { devices: "c" },
      "does not lie over a file",
    ],
    [
      "a circle",
      "  a: { model: dm-crypt, over: b }\n  b: { model: dm-crypt, over: a }",
      {},
      "does not lie over it in turn",
    ],
    ["no such file", "  l: { model: loop, over: /imgae }", {}, 'did you mean "/image"'],
    ["no such device", "  c: { model: dm-crypt, over: vdx }", {}, "expected a device of storage"],
    [
      "two on one",
      "  a: { model: dm-crypt, over: vdb }\n  b: { model: dm-crypt, over: vdb }",
      {},
      "nobody else lies over",
    ],
    ["a filesystem below", "  c: { model: dm-crypt, over: vda }", {}, "found vda for filesystem, under c"],
    ["swap below", "  l: { model: loop, over: /swapfile }", {}, "found /swapfile for swap, under l"],
    [
      "a partition below",
      "  c: { model: dm-crypt, over: vdb }",
      { strategy: "{ partition: { device: vdb } }" },
      "no other one lies over",
    ],
    ["a size", "  l: { model: loop, over: /image, size: 1GiB }", {}, 'the unknown key "size"'],
    ["an unknown kind", "  l: { model: lop, over: /image }", {}, 'did you mean "loop"'],
  ])("%s is a problem", (_name, storage, parts, said) => {
    expect(problems({ storage, ...parts }).join("\n")).toContain(said);
  });
});

describe("CPU times and single values from outside", () => {
  const machineOf = (set: readonly string[], costs = "") => {
    const text = `name: costs
machine: { memory: 64MiB }
${costs}
storage: { vda: { model: nvme-consumer, size: 4GiB } }
swap: [{ device: vda }]
strategies: [partition]
tasks:
  worker: { pattern: uniform, pages: 100 }
duration: 9s
`;
    const { scenario, problems } = parseScenario({
      file: "s.yaml",
      text,
      catalogue,
      readTrace: () => ({ found: "a trace", expected: "none" }),
      set: set.map((setting) => ({ option: "--set", text: setting })),
    });
    return scenario?.machine ?? (problems ?? []).map(formatProblem);
  };

  it("change what they name, the command line last", () => {
    expect(machineOf([], "costs: { swapIn: 3us, nfsCall: 0 }")).toMatchObject({
      costs: { swapIn: 3000, nfsCall: 0 },
    });
    expect(
      machineOf(["costs.swapIn=5us", "costs.swapIn=6us", "machine.minFree=1MiB"], "costs: { swapIn: 3us }"),
    ).toMatchObject({
      costs: { swapIn: 6000 },
      minFree: 2 ** 20,
      memory: 64 * 2 ** 20,
    });
  });

  it.each([
    ["costs.swapIn=-3us", "expected a duration"],
    ["costs.swapin=3us", 'did you mean "swapIn"'],
    ["costs.swapIn", "expected costs.NAME=TIME or machine.NAME=VALUE"],
    ["tasks.worker=1", "expected costs.NAME=TIME or machine.NAME=VALUE"],
    ["machine.cpus=none", "expected a whole number"],
    ["machine.minFree=1", "a multiple of"],
  ])("%s is a problem that names the option", (setting, said) => {
    const [problem, ...more] = machineOf([setting]) as readonly string[];
    expect(more).toEqual([]);
    expect(problem).toContain("--set");
    expect(problem).toContain(said);
  });
});
