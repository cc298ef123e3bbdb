import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import { formatProblem, parseScenario } from "../../../src/scenario/index.ts";

/** A scenario with one thing in it that a test is about. */
function problems(
  {
    machine = "",
    strategy = "direct-io",
    device = "",
    model = "nvme-consumer",
  }: Readonly<Record<string, string>>,
  swap = "path: /swapfile",
): readonly string[] {
  const text = `name: stacks
machine: { memory: 64MiB${machine} }
storage:
  vda: { model: nvme-consumer, size: 4GiB${device} }
  vdb: { model: ${model}, size: 1GiB }
filesystem:
  type: btrfs
  devices: [vda]
  files:
    /swapfile: { size: 256MiB, nocow: true }
swap:
  - ${swap}
strategies: [${strategy}]
tasks:
  worker: { pattern: uniform, pages: 100 }
duration: 9s
`;
  const readTrace = () => ({ found: "a trace", expected: "none" });
  return (parseScenario({ file: "s.yaml", text, catalogue, readTrace }).problems ?? []).map(formatProblem);
}

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
      problems({ machine, model, strategy: "partition" }, "device: vdb");
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
