import { Command, CommanderError } from "commander";
import { listKinds, quoted } from "../report/index.ts";
import { VERSION } from "../version.ts";
import { type BugsOptions, bugsCommand } from "./bugs-command.ts";
import { type CompareOptions, compareCommand, defect, wrongInput } from "./compare-command.ts";
import { completionCommand, shells } from "./completion/index.ts";
import { type ConformOptions, conformCommand } from "./conform-command.ts";
import { exploreCommand } from "./explore-command.ts";
import { DEFAULT_SEARCHES, type ExploreOptions } from "./explore-settings.ts";
import { importCommand } from "./import-command.ts";
import { type InitOptions, initCommand } from "./init-command.ts";
import { listCommand } from "./list-command.ts";
import { type WithoutStrategy, withStrategy } from "./needed-strategy.ts";
import type { CliPorts, CommandResult } from "./ports.ts";
import { type ReplayOptions, replayCommand } from "./replay-command.ts";
import { reportCommand } from "./report-command.ts";
import { type ReserveOptions, reserveCommand } from "./reserve-command.ts";
import { type ValidateOptions, validateCommand } from "./validate-command.ts";

/** Runs the command line: from arguments to what is to be printed and written. */
export async function runCommandLine(args: readonly string[], ports: CliPorts): Promise<CommandResult> {
  const output = { stdout: "", stderr: "" };
  let result: CommandResult | undefined;
  const program = createProgram(output, ports, (ended) => {
    result = ended;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) return defect(error, args.map(quoted).join(" "));
    return { exitCode: error.exitCode === 0 ? 0 : 2, ...output, files: [] };
  }
  return result ?? wrongInput(["no command was given"]);
}

/**
 * The commands. `end` receives what the chosen one wants done; output that commander writes itself is
 * collected, so that nothing reaches the terminal from here.
 */
function createProgram(
  output: { stdout: string; stderr: string },
  ports: CliPorts,
  end: (result: CommandResult) => void,
): Command {
  const program = new Command("pagestorm")
    .description("Simulates a Linux machine under memory pressure that swaps to a file whose blocks move.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        output.stdout += text;
      },
      writeErr: (text) => {
        output.stderr += text;
      },
      getOutHelpWidth: () => ports.columns,
      getErrHelpWidth: () => ports.columns,
    });
  addCompare(program, ports, end);
  addRun(program, ports, end);
  addReserve(program, ports, end);
  addReport(program, ports, end);
  addValidate(program, ports, end);
  addConform(program, ports, end);
  addExplore(program, ports, end);
  addReplay(program, ports, end);
  addBugs(program, ports, end);
  addImport(program, ports, end);
  addList(program, ports, end);
  addInit(program, ports, end);
  addCompletion(program, ports, end);
  return program;
}

/** `pagestorm compare`: all variants of the file, or those that are named. */
function addCompare(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  const command = program
    .command("compare")
    .description("runs a scenario with each of its strategies and puts the results side by side")
    .argument("<scenario>", "scenario file")
    .option("--strategies <names>", "these variants instead, such as pinned,direct-io(file=cow)");
  addCommonOptions(command).action(async (file: string, options: CompareOptions) => {
    end(await compareCommand("compare", file, options, ports));
  });
}

/** `pagestorm run`: one variant, which the file need not list. */
function addRun(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  const command = program
    .command("run")
    .description("runs a scenario with one strategy")
    .argument("<scenario>", "scenario file")
    .option("--strategy <name>", "the variant, such as pinned or direct-io(file=cow); must be given")
    .option("--map <time>", "also prints the disk at this moment: devices, block groups, files");
  addCommonOptions(command).action(async (file: string, options: CompareOptions) => {
    end(await withStrategy(file, options, ports, (chosen) => compareCommand("run", file, chosen, ports)));
  });
}

/** `pagestorm reserve`: how much memory must be kept free. */
function addReserve(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  addInputOptions(
    program
      .command("reserve")
      .description(
        "searches the smallest reserve (vm.min_free_kbytes) with which a scenario still makes progress",
      )
      .argument("<scenario>", "scenario file")
      .option("--strategies <names>", "these variants instead, such as pinned,direct-io(file=cow)"),
  )
    .option("--json <file>", "writes what was tried and found as JSON; - for standard output")
    .option("--quiet", "prints nothing")
    .action(async (file: string, options: ReserveOptions) => {
      end(await reserveCommand(file, options, ports));
    });
}

/** `pagestorm report`: the HTML report from saved results. */
function addReport(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  program
    .command("report")
    .description("makes the HTML report from saved results, several runs side by side")
    .argument("<result...>", "JSON files written by run or compare")
    .requiredOption("--html <file>", "the file to write")
    .action((files: string[], { html }: { html: string }) => end(reportCommand(files, html, ports)));
}

/** `pagestorm validate`: measured experiments, simulated and compared. */
function addValidate(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  program
    .command("validate")
    .description("simulates experiments that were measured on a real kernel and compares the counters")
    .argument("<file...>", "measurements, one JSON object a line, plain or gzipped")
    .option("--json <file>", "writes all counters and the table of errors as JSON; - for standard output")
    .option("--html <file>", "writes a page with the tables and plots of simulated against measured counters")
    .option("--only <id>", "only rows with this id; * stands for any text")
    .option("--without <toggles>", "leaves these mechanisms out of the model (pagestorm list toggles)")
    .option("--quiet", "prints neither report nor progress")
    .action(async (files: string[], options: ValidateOptions) => {
      end(await validateCommand(files, options, ports));
    });
}

/** `pagestorm conform`: what other suites and a real kernel demand. */
function addConform(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  program
    .command("conform")
    .description("runs conformance cases: scenarios that say what each step must answer")
    .argument("[path...]", "case files or folders of them; left out: the suite of the package")
    .option("--json <file>", "writes what every step answered as JSON; - for standard output")
    .option("--junit <file>", "writes the outcome as JUnit XML")
    .option("--quiet", "prints neither report nor progress")
    .action(async (paths: string[], options: ConformOptions) => {
      end(await conformCommand(paths, options, ports));
    });
}

/** `pagestorm explore`: the order of steps that breaks it, or that there is none within a bound. */
function addExplore(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  program
    .command("explore")
    .description("looks for an order of steps that violates an invariant, and makes it as short as it gets")
    .argument("<scenario>", "scenario file")
    .option("--strategy <name>", "the variant, such as bmap or direct-io(file=cow); must be given")
    .option("--search <names>", `ways to search, with commas between them; left out: ${DEFAULT_SEARCHES}`)
    .option("--bound <number>", "of bounded: preemptions in one schedule at most", "2")
    .option("--depth <number>", "of pct: preemptions that the bug needs, plus one", "3")
    .option(
      "--schedules <number>",
      "schedules of each search, or workload, at most; the result then repeats byte for byte",
    )
    .option(
      "--budget <time>",
      "time of each search at most, and of the matrix; 30s if --schedules is not given",
    )
    .option("--seed <seed>", "start of the random searches: a number or any text", "1")
    .option(
      "--enumerate <length>",
      "all workloads of up to so many operations per actor instead of the file's own",
    )
    .option("--toggle <names>", "breaks these mechanisms; -name mends one that the file breaks", append, [])
    .option("--broken", "the bug that the file is about without its fix")
    .option("--no-reduction", "tries also orders that differ only where nothing is shared")
    .option("--no-matrix", "does not try what was found with other things broken and other strategies")
    .option("--json <file>", "writes what was covered and found as JSON; - for standard output")
    .option("--save <file>", "writes the counter-example as a schedule that replay reads")
    .option("--html <file>", "writes a page to step through the counter-example, for any browser")
    .option("--quiet", "prints neither report nor progress")
    .action(async (file: string, options: WithoutStrategy<ExploreOptions>) => {
      end(await withStrategy(file, options, ports, (chosen) => exploreCommand(file, chosen, ports)));
    });
}

const append = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `pagestorm replay`: a counter-example once more. */
function addReplay(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  program
    .command("replay")
    .description("repeats a counter-example: the file that explore saved, or the line that it printed")
    .argument("<schedule>", "file or line")
    .option("--until <step>", "shows the steps up to this one")
    .option("--trace", "also prints every step of every process, devices included")
    .option("--html <file>", "writes a page to step through the schedule, for any browser")
    .action((what: string, options: ReplayOptions) => end(replayCommand(what, options, ports)));
}

/** `pagestorm bugs`: known bugs of kernels, with their fix off and on. */
function addBugs(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  program
    .command("bugs")
    .description("runs real defects of kernels, each without and with its fix")
    .argument(
      "[id...]",
      "numbers such as KB-04 or KB-11b, or scenario files; of a single one the story is told as well; left out: all known bugs",
    )
    .option("--json <file>", "writes what broke and what was witnessed as JSON; - for standard output")
    .option("--html <file>", "writes the stories of the bugs: one file with pictures, for any browser")
    .option("--quiet", "prints neither table nor progress")
    .action(async (ids: string[], options: BugsOptions) => {
      end(await bugsCommand(ids, options, ports));
    });
}

/** `pagestorm import`: a real disk as a scenario. */
function addImport(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  program
    .command("import")
    .description("prints a scenario made from the texts of btrfs tools about a real filesystem")
    .argument(
      "<folder>",
      "folder with the texts, each as *.txt or gzipped as *.txt.gz: of dump-tree -t chunk, dump-tree -t extent, filefrag -v, filesystem usage -b",
    )
    .action((folder: string) => end(importCommand(folder, ports)));
}

/** `pagestorm list`: everything a scenario can name. */
function addList(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  program
    .command("list")
    .description("tells what a scenario can name: parameters, units, defaults, sources")
    .argument("[kind]", `one of ${listKinds().join(", ")}`)
    .argument("[name]", "only this one of its kind, such as balance of operations")
    .option("--json", "prints JSON instead of text")
    .action((kind: string | undefined, name: string | undefined, options: { json?: boolean }) =>
      end(listCommand(kind, name, options, ports)),
    );
}

/** `pagestorm init`: a scenario file to begin with. */
function addInit(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  program
    .command("init")
    .description("writes a scenario to begin with, every part of it explained; replaces no file")
    .argument("[file]", "the file to write; .yaml is added if it is missing")
    .option("--from <example>", "a copy of a shipped scenario instead")
    .option("--list", "tells which scenarios are shipped, and whose situation each is")
    .action((file: string | undefined, options: InitOptions) => end(initCommand(file, options, ports)));
}

/** `pagestorm completion`: the tab key. */
function addCompletion(program: Command, ports: CliPorts, end: (result: CommandResult) => void): void {
  program
    .command("completion")
    .description("prints the script that lets a shell complete commands, options and names")
    .argument("<shell>", `one of ${shells.join(", ")}`)
    .action((shell: string) => end(completionCommand(shell, program, ports)));
}

/** What can be changed about a scenario from the command line. */
function addInputOptions(command: Command): Command {
  return command
    .option("--toggle <names>", "breaks or adds these mechanisms, beside the file's (pagestorm list toggles)")
    .option("--seed <seed>", "instead of the seed of the scenario: a number or any text")
    .option(
      "--set <value>",
      "a value instead of that of the scenario, such as costs.swapIn=3us (pagestorm list costs); may be repeated",
      (value: string, before: readonly string[] = []) => [...before, value],
    );
}

/** What `run` and `compare` have in common. */
function addCommonOptions(command: Command): Command {
  return addInputOptions(command)
    .option("--json <file>", "writes the results as JSON; - for standard output, without the report")
    .option("--html <file>", "writes a report to look at: one file with charts, for any browser")
    .option("--timing", "adds wall-clock figures to the JSON, which differ from run to run")
    .option("--quiet", "prints neither report nor progress")
    .option("--no-color", "prints without colours");
}
