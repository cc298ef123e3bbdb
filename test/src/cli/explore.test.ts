import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import type { ExploreRunner } from "../../../src/cli/index.ts";
import { type EnumerationOutcome, hashOfText } from "../../../src/explore/index.ts";
import { shipped } from "../../explore/support.ts";
import { SELF_LOCK, SELF_LOCK_STRATEGY } from "../../support/schedules.ts";
import { BASIC, explorer } from "./explorer.ts";
import { pagestorm } from "./helpers.ts";

const SNAPSHOT = shipped("KB-05-snapshot-against-swapon");
/** One schedule, which is no search. */
const ONE = "--search round-robin --schedules 1";

describe("explore", () => {
  it("ends with 0 and says in JSON what it covered when it finds nothing", async () => {
    const { exitCode, stdout } = await explorer(
      "explore s.yaml --strategy pinned --search random --schedules 3 --json -",
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "pagestorm/explore/1",
      scenario: "s.yaml",
      strategy: "pinned",
      complete: false,
      violation: null,
      schedules: 3,
      searches: [{ search: "random", schedules: 3 }],
    });
  });

  it("ends with 1 when an invariant is violated, and --broken takes the fix of the bug out", async () => {
    const line = "explore s.yaml --strategy pinned --search random --schedules 200";
    const broken = await explorer(`${line} --broken`, SNAPSHOT);
    expect(broken.exitCode).toBe(1);
    expect(broken.stdout).toContain("pinned: violated.");
    expect((await explorer(line, SNAPSHOT)).exitCode).toBe(0);
  });

  it("tries what it found with the fix on, and does not if told so", async () => {
    const line = "explore s.yaml --strategy pinned --broken --search random --schedules 200";
    const { stdout } = await explorer(line, SNAPSHOT);
    expect(stdout).toMatch(/│ noSnapshotTryLock +│ violated, schedule \d+ +│/);
    expect(stdout).toMatch(/│ none of them +│ none in 200 +│/);
    expect((await explorer(`${line} --no-matrix`, SNAPSHOT)).stdout).not.toContain("none of them");
  });

  it("makes one search of a name that is given twice", async () => {
    const { stdout } = await explorer(
      "explore s.yaml --strategy pinned --search random,random --schedules 1 --json -",
    );
    expect(JSON.parse(stdout).searches).toHaveLength(1);
  });

  it("takes toggles with commas between them, and a file's own away", async () => {
    const toggles = "--toggle allowBmap,forgetExtentStart --toggle -noPinSlotOnRead";
    const { stdout } = await explorer(`explore s.yaml --strategy bmap ${ONE} ${toggles} --json -`);
    expect(JSON.parse(stdout).toggles).toEqual({
      on: ["allowBmap", "forgetExtentStart"],
      off: ["noPinSlotOnRead"],
      broken: false,
    });
  });

  it.each([
    ["--strategy bmap,pinned", "--strategy: found bmap,pinned, expected one strategy"],
    ["--strategy bmap --broken", "--broken: found a scenario without bug:, expected one of a known bug"],
    [
      "--strategy bmap --toggle allowBmapp",
      '--toggle: found allowBmapp (did you mean "allowBmap"?), expected the name of a toggle (pagestorm list toggles)',
    ],
    ["--strategy bmap --search bonded", 'found bonded (did you mean "bounded"?), expected one of bounded, '],
    ["--strategy bmap --bound 11", "--bound: found 11, expected a whole number from 0 to 10"],
    ["--strategy bmap --schedules 1.5", "--schedules: found 1.5, expected a whole number"],
    ["--strategy bmap --budget 0s", "--budget: found 0s, expected a time above 0 such as 60s"],
  ])("with %s is wrong input", async (options, problem) => {
    const { exitCode, stderr, stdout } = await explorer(`explore s.yaml ${options}`);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(problem);
  });

  it("tells at a defect of its own the whole line that repeats it", async () => {
    const line = "explore s.yaml --strategy pinned --search pct --broken --no-reduction";
    const { exitCode, stderr } = await pagestorm(line, { text: SNAPSHOT, ports: { catalogue } });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`This line repeats it:\n  pagestorm ${line}\n`);
  });
});

describe("--save", () => {
  const find = `explore s.yaml --strategy ${SELF_LOCK_STRATEGY} ${ONE} --save found.yaml`;

  it("writes a schedule that replay repeats", async () => {
    const found = await explorer(find, SELF_LOCK);
    expect(found.exitCode).toBe(1);
    expect(found.files.map(({ path }) => path)).toEqual(["found.yaml"]);
    const saved = found.files[0]!.text;
    expect(saved).toContain("pagestorm: schedule/1");
    const again = await explorer("replay found.yaml", SELF_LOCK, { "found.yaml": saved });
    expect([again.exitCode, again.stderr]).toEqual([1, ""]);
    expect(again.stdout).toMatch(/I\d is violated: /);
  });

  it("of a scenario that was changed since is repeated with a warning", async () => {
    const found = await explorer(find, SELF_LOCK);
    const changed = `# another file\n${SELF_LOCK}`;
    const again = await explorer("replay found.yaml", changed, { "found.yaml": found.files[0]!.text });
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain("s.yaml is not the file it was");
  });

  it("says that there is nothing to be saved", async () => {
    const { files, stderr } = await explorer(`explore s.yaml --strategy pinned ${ONE} --save found.yaml`);
    expect(files).toEqual([]);
    expect(stderr).toBe("--save: found.yaml was not written: there is no counter-example\n");
  });
});

describe("replay", () => {
  const line = `ps1:s.yaml:${hashOfText(SELF_LOCK)}:${encodeURIComponent(SELF_LOCK_STRATEGY)}:::`;
  const rowsOf = (text: string): number => (text.match(/^ *\d+\*? /gm) ?? []).length;

  it("shows the steps up to the one that --until names, and comes to the same end", async () => {
    const whole = await explorer(`replay ${line}`, SELF_LOCK);
    const cut = await explorer(`replay ${line} --until 1`, SELF_LOCK);
    expect(rowsOf(whole.stdout)).toBeGreaterThan(1);
    expect(rowsOf(cut.stdout)).toBe(1);
    expect(cut.stdout.trimEnd().split("\n").at(-1)).toBe(whole.stdout.trimEnd().split("\n").at(-1));
    expect(cut.exitCode).toBe(1);
  });

  it("with --trace also prints every step of every process", async () => {
    const { stdout } = await explorer(`replay ${line} --trace`, SELF_LOCK);
    expect(stdout).toMatch(/^ +1.? program: .+ -> .+$/m);
  });

  it.each(["1.5", "0", "last"])("of --until %s is wrong input", async (until) => {
    const { exitCode, stderr } = await explorer(`replay ${line} --until ${until}`, SELF_LOCK);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(`--until: found ${until}, expected a whole number, 1 or more\n`);
  });
});

describe("--enumerate", () => {
  const all = "explore s.yaml --strategy pinned --enumerate 1";

  it("explores every workload and says of what it tells", async () => {
    const { exitCode, stdout } = await explorer(`${all} --bound 0 --schedules 2 --json -`);
    expect(exitCode).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      schema: "pagestorm/enumeration/1",
      scenario: "s.yaml",
      strategy: "pinned",
      toggles: { on: [], off: [], broken: false },
      seed: "1",
      bound: 0,
      violations: [],
    });
    expect(document.workloads).toBeGreaterThan(5);
    expect(document.explored).toBe(document.workloads);
    expect(document.schedules).toBeLessThanOrEqual(2 * document.workloads);
  });

  it("names the workloads that violate an invariant, and ends with 1", async () => {
    const outcome: EnumerationOutcome = {
      ...{ workloads: 8, explored: 4, complete: 3, schedules: 70, steps: 900, seconds: 2 },
      violations: [{ workload: "store, pageout | balance", invariant: "I2", kind: "B", what: "/db is lost" }],
    };
    const openExploreRunner = (): ExploreRunner => ({
      run: () => Promise.reject(new Error("no search is run")),
      enumerate: () => Promise.resolve(outcome),
      close() {},
    });
    const { exitCode, stdout } = await pagestorm(all, {
      text: BASIC,
      ports: { catalogue, openExploreRunner },
    });
    expect(exitCode).toBe(1);
    expect(stdout).toBe(`pinned: 4 of 8 workloads (50 %), 3 of them up to the end of the bound;
70 schedules in 2.0 s; 1 workload violates an invariant:
  store, pageout | balance: I2, /db is lost
`);
  });

  it("searches each workload as often as --schedules says, and else two hundred times", async () => {
    const schedulesOf = async (option: string): Promise<number> => {
      const { stdout } = await explorer(`${all} --bound 1 --no-reduction ${option} --json -`);
      return JSON.parse(stdout).schedules;
    };
    const usual = await schedulesOf("");
    expect(await schedulesOf("--schedules 200")).toBe(usual);
    // Two of the workloads have more.
    expect(await schedulesOf("--schedules 201")).toBe(usual + 2);
  });

  it("needs swap in a file, and somebody who uses it", async () => {
    const noFile = `
name: no file
machine: { memory: 4MiB }
storage: { zram0: { model: zram, size: 8KiB } }
swap: [{ device: zram0 }]
strategies: [partition]
tasks: { a: { script: [store 0, pageout 0] } }
duration: 10s
`;
    const { exitCode, stderr } = await explorer("explore s.yaml --strategy partition --enumerate 1", noFile);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      "--enumerate: found nothing to enumerate, expected a task with a script, and swap in a file\n",
    );
  });

  it("has a search of its own", async () => {
    const { exitCode, stderr } = await explorer(`${all} --search pct`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--search: found together with --enumerate");
  });
});
