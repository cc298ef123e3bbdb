import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compare } from "../../../src/library/index.ts";
import { packageFile } from "../../../src/node/package-files.ts";

const SCENARIO = `
name: a balance beside swap
machine: { memory: 16MiB, cpus: 1 }
storage: { vda: { model: nvme-consumer, size: 2GiB } }
filesystem: { type: btrfs, devices: [vda], files: { /swapfile: { size: 64MiB, nocow: true } } }
swap: [{ path: /swapfile }]
strategies: [pinned, direct-io]
tasks: { server: { pattern: uniform, pages: 5000, writes: 0.5, cpu: 20us, init: true } }
duration: 1s
timeline: [{ at: 0.5s, do: balance, filters: { vrange: /swapfile } }]
`;

/** Runs `pagestorm` as `npm run build` leaves it. */
function pagestorm(...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [packageFile("dist/cli/main.js"), ...args], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout;
}

describe("the command as it is bundled", () => {
  it("finds its worker threads, and gives the result that the source gives", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pagestorm-bundle-"));
    try {
      const file = join(folder, "small.yaml");
      writeFileSync(file, SCENARIO);
      const document = JSON.parse(pagestorm("compare", file, "--json", "-"));
      const { strategies } = await compare(SCENARIO);
      expect(document.strategies).toEqual(JSON.parse(JSON.stringify(strategies)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("finds what the package brings along", () => {
    expect(pagestorm("init", "--list")).toContain("idle-control");
  });
});
