import { kernelProfiles, PAGE_SIZE, type Scenario, watermarks } from "../../sim/index.ts";
import { findSmallestReserve, type SmallestReserve } from "../experiments/index.ts";
import { formatBytes, formatMany } from "../report/index.ts";
import { formatProblem, parseScenario } from "../scenario/index.ts";
import { type CompareOptions, jobOf, wrongInput } from "./compare-command.ts";
import { jsonOutput, outputProblems } from "./outputs.ts";
import type { CliPorts, CommandResult, RunnerJob } from "./ports.ts";

export type ReserveOptions = Pick<
  CompareOptions,
  "strategies" | "seed" | "toggle" | "set" | "json" | "quiet"
>;

/** `pagestorm reserve`: the smallest vm.min_free_kbytes with which each variant still makes progress. */
export async function reserveCommand(
  file: string,
  options: ReserveOptions,
  ports: CliPorts,
): Promise<CommandResult> {
  const read = ports.readText(file);
  if ("problem" in read) return wrongInput([`${file}: ${read.problem}`]);
  const job = jobOf(file, read.text, { ...options, color: false });
  const { catalogue } = ports;
  const { scenario, problems = [] } = parseScenario({
    ...job,
    catalogue,
    readTrace: ports.traceReader(file),
  });
  const wrong = [
    ...problems.map(formatProblem),
    ...outputProblems({ "--json": options.json }, ports, [file]),
  ];
  if (!scenario || wrong.length > 0) return wrongInput(wrong);
  return present(await searchAll(scenario, job, ports), options);
}

async function searchAll(
  scenario: Scenario,
  job: RunnerJob,
  ports: CliPorts,
): Promise<readonly SmallestReserve[]> {
  const { memory, kernel, watermarkScaleFactor } = scenario.machine;
  const memoryPages = memory / PAGE_SIZE;
  const usualPages = watermarks(kernelProfiles.require(kernel), memoryPages, watermarkScaleFactor).min;
  const searches = scenario.strategies.map((variant) =>
    findSmallestReserve(variant.name, { usualPages, memoryPages }, async (pages) => {
      const minFree = { option: "reserve", text: `machine.minFree=${pages * 4}KiB` };
      const runner = ports.openRunner({ ...job, set: [...(job.set ?? []), minFree], quiet: true });
      try {
        return (await runner.run(scenario, variant)).verdict;
      } finally {
        runner.close();
      }
    }),
  );
  return await Promise.all(searches);
}

function present(found: readonly SmallestReserve[], options: ReserveOptions): CommandResult {
  return {
    exitCode: found.every(({ smallestPages }) => smallestPages !== null) ? 0 : 1,
    stderr: "",
    ...jsonOutput(
      options,
      () => ({ schema: "pagestorm/reserve/1", strategies: found }),
      () => found.map((one) => `${describe(one)}\n`).join(""),
    ),
  };
}

function describe({ strategy, usualPages, smallestPages, tries }: SmallestReserve): string {
  const usual = `the kernel sets ${pagesText(usualPages)} aside`;
  if (smallestPages === null) {
    const { pages, verdict } = tries.at(-1)!;
    return `${strategy}: ${verdict} even with a reserve of ${pagesText(pages)}; ${usual}`;
  }
  const below = tries.find(({ pages }) => pages === smallestPages - 1);
  const fails = below ? `, with one page less it ends ${below.verdict}` : "";
  return `${strategy}: a reserve of ${pagesText(smallestPages)} will do${fails}; ${usual}`;
}

function pagesText(pages: number): string {
  return `${formatMany(pages, "page")} (${formatBytes(pages * PAGE_SIZE)})`;
}
