import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIB, SECOND } from "../../sim/engine/index.ts";
import { simulate } from "../../sim/index.ts";
import { compare, documentOf, type ResultDocument } from "../../src/experiments/index.ts";
import { packageFile } from "../../src/node/package-files.ts";
import { readReportAssets } from "../../src/node/report-assets.ts";
import { htmlReport } from "../../src/report/index.ts";
import { FileBrowser, type OpenPage, type PageOptions } from "../support/browser.ts";
import { smallScenario } from "../support/scenarios.ts";

/** A name that would run a script if it were ever read as markup. */
const EVIL = '</script><script>document.title="broken"</script><img src=x onerror=alert(1)>';

async function realResult(name: string, seed = "small"): Promise<ResultDocument> {
  const scenario = { ...smallScenario(), name, seed, duration: 40 * SECOND };
  const run = (...[of, variant]: Parameters<typeof simulate>) => Promise.resolve(simulate(of, variant));
  return documentOf(await compare(scenario, run, () => 0), "compare");
}

const ASSETS = readReportAssets(packageFile("dist/report"));

let browser: FileBrowser;
const results: ResultDocument[] = [];

beforeAll(async () => {
  results.push(await realResult(EVIL), await realResult("another seed", "other"));
  browser = await FileBrowser.start();
}, 120_000);

afterAll(async () => {
  await browser?.close();
});

/** Opens a report, once it has drawn something. */
async function open(documents: readonly ResultDocument[], options?: PageOptions): Promise<OpenPage> {
  const opened = await browser.open(htmlReport(documents, ASSETS), options);
  await opened.page.waitForFunction(() => document.querySelectorAll(".stage > *").length > 0);
  return opened;
}

describe("the HTML report in a browser", () => {
  it.each([
    { width: 1200, colorScheme: "light" },
    { width: 420, colorScheme: "dark" },
  ] as const)(
    "draws every chart and complains about nothing at $width pixels, $colorScheme",
    async (options) => {
      const { page, complaints } = await open(results.slice(0, 1), options);
      const figures = await page.locator("figure:has(> .stage)").count();
      expect(figures).toBe(7);
      expect(await page.locator("figure .stage svg path[d], figure .stage svg rect").count()).toBeGreaterThan(
        20,
      );
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wider).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  it("says the verdict of each variant before anything else", async () => {
    const { page } = await open(results.slice(0, 1));
    const cards = await page.locator(".verdict").allInnerTexts();
    expect(cards.map((text) => text.split("\n").filter(Boolean).slice(0, 2))).toEqual(
      results[0]!.strategies.map(({ name, verdict }) => [name, verdict]),
    );
    const top = await page.locator(".verdicts").boundingBox();
    expect(top!.y + top!.height).toBeLessThan(900);
    await page.close();
  });

  it("shows names as text, whatever stands in them", async () => {
    const { page } = await open(results.slice(0, 1));
    expect(await page.locator("h2").textContent()).toBe(EVIL);
    expect(await page.title()).toBe(`${EVIL} - pagestorm`);
    await page.close();
  });

  it("tells the story of a corrupt page step by step", async () => {
    const { page } = await open(results.slice(0, 1));
    const [violation] = results[0]!.strategies[0]!.violations;
    const steps = await page.locator(".story").first().locator("li").allInnerTexts();
    expect(steps).toHaveLength(violation!.because.length + 1);
    expect(steps.at(-1)).toContain(violation!.got);
    await page.close();
  });

  it("says how much of the swap file moves: nothing of one that is pinned", async () => {
    const { page } = await open(results.slice(0, 1));
    const text = await page.locator("body").textContent();
    for (const { name, space } of results[0]!.strategies) {
      const moves =
        name === "pinned" ? "the swap file stays where it was" : "the filesystem moves 100 % of the";
      expect(space?.swapFileMoved).toBe(name === "pinned" ? 0 : 1);
      expect(text).toContain(`With ${name} ${moves}`);
    }
    await page.close();
  });

  it("moves the middle map of the disk with the slider", async () => {
    const { page } = await open(results.slice(0, 1));
    const middle = page.locator(".three").first().locator("svg").nth(1);
    const pictureAt = async (value: number): Promise<string> => {
      await page.locator("input[type=range]").fill(String(value));
      return await middle.evaluate((map) =>
        [...map.querySelectorAll("path")].map((path) => path.getAttribute("d")).join(),
      );
    };
    const before = await pictureAt(0);
    const after = await pictureAt(40 * SECOND);
    expect(after).not.toBe(before);
    expect(await pictureAt(0)).toBe(before);
    await page.close();
  });

  it("puts several runs side by side in one table", async () => {
    const { page, complaints } = await open(results);
    expect(await page.locator(".run").count()).toBe(2);
    expect(await page.locator("section").first().locator("tbody tr").count()).toBe(6);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("draws a result without faults, operations and a filesystem", async () => {
    const [whole] = results;
    const empty = whole!.strategies.map((result) => ({
      ...result,
      violations: [],
      operations: [],
      space: null,
      faultTime: { faults: 0, slices: [] },
      recording: {
        ...result.recording,
        latency: { upToNs: [], counts: result.recording.at.map(() => []) },
        disk: [],
      },
    }));
    const { page, complaints } = await open([{ ...whole!, strategies: empty }]);
    expect(await page.locator("figure:has(> .stage)").count()).toBe(3);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

it("a machine of 4 MiB is small enough that the report stays below a megabyte", () => {
  expect(htmlReport(results.slice(0, 1), ASSETS).length).toBeLessThan(MIB);
});
