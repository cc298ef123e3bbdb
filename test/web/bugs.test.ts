import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BugOutcome, bugStories, runBug } from "../../src/bugs/index.ts";
import { catalogue } from "../../src/catalogue.ts";
import { packageFile } from "../../src/node/package-files.ts";
import { readReportAssets } from "../../src/node/report-assets.ts";
import { bugsPage } from "../../src/report/index.ts";
import { FileBrowser, type OpenPage } from "../support/browser.ts";

/** The page of `pagestorm bugs KB-13a --html` and of a bug that needs a race, in a browser. */

const FILE = "workloads/bugs/KB-13a-file-grown-after-mkswap.yaml";
const RACE = "workloads/bugs/KB-29a-fault-and-swapoff.yaml";
const ASSETS = readReportAssets(packageFile("dist/report"));

let browser: FileBrowser;
let outcome: BugOutcome;

function run(file: string): BugOutcome {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  return runBug({ file, text, forReport: true }, catalogue);
}

beforeAll(async () => {
  outcome = run(FILE);
  browser = await FileBrowser.start();
}, 60_000);

afterAll(async () => {
  await browser?.close();
});

async function open(width: number, shown = outcome, drawn = ".three svg"): Promise<OpenPage> {
  const opened = await browser.open(bugsPage(bugStories([shown]), ASSETS), { width });
  await opened.page.waitForSelector(drawn);
  return opened;
}

describe("the page about a bug", () => {
  it("begins with what users saw and what breaks, and tells the story of the file", async () => {
    const { page, complaints } = await open(1200);
    const header = await page.locator("header").textContent();
    expect(header).toContain("KB-13a: a swap file that grew after mkswap is mapped beyond its header");
    expect(header).toContain("What users saw: nothing at first");
    expect(header).toContain("I7: the slots in use are those that header and mapping both cover");
    expect(await page.locator(".told").textContent()).toMatch(
      /^mkswap promises 8,192 pages.* are given out\.$/,
    );
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("puts the machine without the fix beside the one with it, with a line that repeats each", async () => {
    const { page } = await open(1200);
    const cards = await page.locator(".verdict").allInnerTexts();
    expect(cards.map((text) => text.split("\n").filter(Boolean).slice(0, 2))).toEqual([
      ["without the fix", "broken"],
      ["with the fix", "holds"],
    ]);
    expect(cards[0]).toContain(`pagestorm run ${FILE} --strategy pinned --toggle mapBeyondHeader`);
    expect(cards[1]).not.toContain("--toggle");
    await page.close();
  });

  it("maps the disk before and after, for both, and fits a telephone", async () => {
    const { page } = await open(420);
    expect(await page.locator(".three").count()).toBe(2);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider).toBeLessThanOrEqual(0);
    await page.close();
  });
});

describe("the page about a bug that needs a race", () => {
  it("shows the order of steps, with a line that repeats each run, and fits a telephone", async () => {
    const { page, complaints } = await open(420, run(RACE), "pre");
    const order = await page.locator("pre").textContent();
    expect(order).toMatch(/^ +CPU 0 +CPU 1\n/);
    expect(order).toContain("get_swap_device");
    const cards = await page.locator(".verdict").allInnerTexts();
    expect(cards[0]).toContain(`pagestorm replay ps1:${encodeURIComponent(RACE)}:`);
    expect(cards[0]).toContain(":broken:");
    expect(cards[1]).not.toContain(":broken:");
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
