import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, type } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Command, CommanderError, Option } from "commander";
import {
  type BenchMachine,
  benchCases,
  benchDocument,
  benchMarkdown,
  benchTable,
  type Meters,
  measure,
} from "../bench/index.ts";
import { allocateYoung } from "./allocation.ts";
import { whyNotWritable, writeAtomically } from "./files.ts";
import { packageFile } from "./package-files.ts";

allocateYoung();

/** The shortest scenario that has a machine with swap and a task. */
const EMPTY_SCENARIO = `
name: start-up
machine: { memory: 64MiB, cpus: 1, kernel: linux-6.1 }
storage: { vda: { model: nvme-consumer, size: 1GiB } }
swap: [{ device: vda }]
strategies: [partition]
tasks: { task: { pattern: uniform, pages: 1000, cpu: 1us } }
duration: 1us
`;

interface BenchOptions {
  readonly json?: string;
  readonly markdown?: string;
  readonly only?: readonly string[];
  readonly quick?: boolean;
}

/** The meters of this machine; `scenario` is a file with the empty scenario. */
function metersOf(scenario: string): Meters {
  const main = packageFile("dist/cli/main.js");
  return {
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) * 1000;
    },
    arrayBytes: () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    },
    startUp: () => timeOf([main, "run", scenario, "--strategy", "partition", "--quiet"]),
    bareStartUp: () => timeOf(["--eval", ""]),
  };
}

/**
 * Arrays that nobody uses any more must not count. Node hands out its collector only by this flag; the second run ends
 * the sweep of array buffers that the first one began.
 */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  collect();
  collect();
}

/** Wall-clock time of a fresh Node process, ns. */
function timeOf(args: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const elapsed = performance.now() - began;
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr}`);
  return elapsed * 1_000_000;
}

function thisMachine(): BenchMachine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? "unknown",
    cpus: processors.length,
    runtime: `Node ${process.version}, V8 ${process.versions.v8}`,
    system: `${type()} ${release()}`,
  };
}

/** Measures what was asked for; progress goes to standard error, one line a case. */
function run({ json, markdown, only, quick }: BenchOptions): void {
  if (json !== "-") requireWritable("--json", json);
  requireWritable("--markdown", markdown);
  const wanted = benchCases.filter(({ name }) => only === undefined || only.includes(name));
  const directory = mkdtempSync(join(tmpdir(), "pagestorm-bench-"));
  try {
    const scenario = join(directory, "empty.yaml");
    writeFileSync(scenario, EMPTY_SCENARIO);
    const meters = metersOf(scenario);
    const options = quick === true ? { repetitions: 3, scale: 0.2 } : { repetitions: 7, scale: 1 };
    const results = wanted.map((each) => {
      process.stderr.write(`measuring ${each.name}\n`);
      return measure(each, meters, options);
    });
    const document = benchDocument(results, thisMachine());
    if (markdown !== undefined) {
      writeAtomically(
        markdown,
        benchMarkdown(results, thisMachine(), `npm run bench -- --markdown ${markdown}`),
      );
    }
    if (json === undefined) process.stdout.write(benchTable(results, thisMachine()));
    else if (json === "-") process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    else writeAtomically(json, `${JSON.stringify(document, undefined, 2)}\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function requireWritable(option: string, file: string | undefined): void {
  const problem = file === undefined ? undefined : whyNotWritable(file);
  if (problem !== undefined) command.error(`${option} ${file}: ${problem}`);
}

const names = benchCases.map(({ name }) => name);
const command = new Command("bench")
  .description("Measures what the simulator costs, against bare loops measured in the same run.")
  .option("--json <file>", "writes the results as JSON instead; - for standard output")
  .option("--markdown <file>", "writes the results as a page, too (docs/performance.md)")
  .addOption(new Option("--only <names...>", "measures only these").choices(names))
  .option("--quick", "shorter and less exact")
  .action(run)
  .exitOverride();

try {
  command.parse();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
