import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
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

const MAIN = packageFile("dist/cli/main.js");

/** Runs `pagestorm` and interrupts it after some milliseconds, as Ctrl-C does. */
function interrupted(args: readonly string[], after: number) {
  const child = spawn(process.execPath, [MAIN, ...args]);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    output.stdout += text;
  });
  child.stderr.on("data", (text) => {
    output.stderr += text;
  });
  setTimeout(() => child.kill("SIGINT"), after);
  return new Promise<typeof output & { readonly exitCode: number | null }>((resolve) => {
    child.on("close", (exitCode) => resolve({ ...output, exitCode }));
  });
}

/** Runs `pagestorm` as `npm run build` leaves it. */
function pagestorm(...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [packageFile("dist/cli/main.js"), ...args], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout;
}

describe("the command as it is bundled", () => {
  it("finds the smallest reserve by running scenarios with less and less of it", () => {
    const folder = mkdtempSync(join(tmpdir(), "pagestorm-reserve-"));
    try {
      const file = join(folder, "small.yaml");
      writeFileSync(file, SCENARIO.replace("duration: 1s", "duration: 50ms").replace(/^timeline.*$/m, ""));
      const { strategies } = JSON.parse(
        pagestorm("reserve", file, "--strategies", "pinned", "--json", "-"),
      ) as { strategies: readonly { smallestPages: number; tries: readonly unknown[] }[] };
      expect(strategies[0]!.smallestPages).toBe(0);
      expect(strategies[0]!.tries.length).toBeGreaterThan(5);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("says that its output found no room, and ends with 2", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [MAIN, "list"], {
      stdio: ["ignore", full, "pipe"],
    });
    closeSync(full);
    expect({ status, stderr: String(stderr) }).toEqual({
      status: 2,
      stderr: "standard output: no space left on the device\n",
    });
  });

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

  it("shows and saves what searches have found when it is interrupted", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pagestorm-interrupt-"));
    try {
      const saved = join(folder, "found.yaml");
      const basic = packageFile("workloads/explore/basic.yaml");
      const args = ["explore", basic, "--strategy", "pinned", "--budget", "600s", "--save", saved];
      const { exitCode, stdout, stderr } = await interrupted(args, 3000);
      expect(exitCode).toBe(130);
      expect(stderr).toContain("Interrupted: the searches end with what they have");
      expect(stderr).toContain(`--save: ${saved} was not written: there is no counter-example`);
      expect(stdout).toContain("- (interrupted)");
      expect(stdout).toContain("pinned: no violation found");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 30_000);

  it("ends the other searches when one has found something", () => {
    const basic = packageFile("workloads/explore/basic.yaml");
    const { stdout, status } = spawnSync(
      process.execPath,
      [MAIN, "explore", basic, "--strategy", "bmap", "--budget", "600s", "--no-matrix", "--json", "-"],
      { encoding: "utf8" },
    );
    expect(status).toBe(1);
    const { searches, verdict } = JSON.parse(stdout);
    expect(verdict).toBe("violated");
    expect(searches.map(({ stopped }: { stopped: unknown }) => stopped)).toContain("found");
  }, 60_000);

  it("finds what the package brings along", () => {
    expect(pagestorm("init", "--list")).toContain("idle-control");
  });
});
