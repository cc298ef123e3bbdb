import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execute, type Schedule, ScheduleGuide } from "../../sim/index.ts";
import { type ExplorePage, pageOfReplay } from "../../src/explore/index.ts";
import { packageFile } from "../../src/node/package-files.ts";
import { readReportAssets } from "../../src/node/report-assets.ts";
import { explorePage } from "../../src/report/index.ts";
import { FileBrowser, type OpenPage, type PageOptions } from "../support/browser.ts";
import { scene } from "../support/scene.ts";
import { AFTER_EACH_OTHER, SELF_LOCK, SELF_LOCK_STRATEGY } from "../support/schedules.ts";

const ASSETS = readReportAssets(packageFile("dist/report"));
const BASIC = readFileSync(join(import.meta.dirname, "../../workloads/explore/basic.yaml"), "utf8");
/** A name that would run a script if it were ever read as markup. */
const EVIL = '</script><script>document.title="broken"</script><img src=x onerror=alert(1)>';

/** What comes of a schedule, as a page. */
function pageOf(text: string, strategy: string, file: string, schedule: Schedule): ExplorePage {
  const { scenario, variant } = scene(text, strategy);
  const { choices } = execute(scenario, variant, new ScheduleGuide(schedule));
  const toggles = { on: [], off: [], broken: false };
  return pageOfReplay(
    { scenario: file, strategy, toggles },
    { scenario, variant, choices, without: [], replay: "ps1:line" },
  );
}

let browser: FileBrowser;
let basic: ExplorePage;

beforeAll(async () => {
  basic = pageOf(BASIC, "bmap", EVIL, AFTER_EACH_OTHER);
  browser = await FileBrowser.start();
}, 120_000);

afterAll(async () => {
  await browser?.close();
});

const open = (shown: ExplorePage, options?: PageOptions): Promise<OpenPage> =>
  browser.open(explorePage(shown, ASSETS), options);

const where = (page: Page): Promise<string | null> => page.locator(".where").textContent();
const machine = (page: Page): Promise<string> => page.locator(".machine").innerHTML();

describe("the page of a counter-example", () => {
  it.each([
    { width: 1200, colorScheme: "light" },
    { width: 420, colorScheme: "dark" },
  ] as const)(
    "draws everything and complains about nothing at $width pixels, $colorScheme",
    async (options) => {
      const { page, complaints } = await open(basic, options);
      for (let row = 0; row <= basic.schedule!.rows.length + 1; row++)
        await page.keyboard.press("ArrowRight");
      expect(await page.locator(".stretch").count()).toBeGreaterThan(5);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wider).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  it("says the verdict first, with numbers, and names as text", async () => {
    const { page } = await open(basic);
    expect(await page.locator("h2").textContent()).toMatch(
      /^violated: I2, block \d+ of \/db: got generation \d+/,
    );
    expect(await page.locator("header .note").first().textContent()).toContain(EVIL);
    expect(await page.locator("header").textContent()).toContain("A generation is the number of a write");
    await page.close();
  });

  it("has a row for each step, in the columns of the text, and marks where the loss becomes certain", async () => {
    const { page } = await open(basic);
    const { rows, chances } = basic.schedule!;
    const shown = await page.locator(".interleaving .row .step").allInnerTexts();
    expect(shown).toHaveLength(rows.length);
    for (const [at, { changes }] of rows.entries())
      for (const { about } of changes) expect(shown[at]).toContain(about);
    expect(chances.at(-1)).toBe(1);
    expect(chances[0]).toBeLessThan(1);
    const before = await page.locator(".interleaving tr:has(+ .certain) .chance").textContent();
    expect(before).toBe("100 %");
    await page.close();
  });

  it("steps forwards and back to the same pictures, by keys, buttons and slider", async () => {
    const { page } = await open(basic);
    const { rows, steps } = basic.schedule!;
    const seen = [await machine(page)];
    for (const row of rows.keys()) {
      await page.keyboard.press("ArrowRight");
      expect(await where(page)).toContain(`step ${row + 1} of ${rows.length}`);
      expect(await page.locator("[aria-current=step] button").textContent()).toBe(String(row + 1));
      seen.push(await machine(page));
    }
    expect(new Set(seen).size).toBe(rows.length + 1);
    for (const picture of seen.slice(0, -1).reverse()) {
      await page.getByRole("button", { name: "◀ step" }).click();
      expect(await machine(page)).toBe(picture);
    }
    await page.locator("input[type=range]").fill(String(steps.length));
    expect(await where(page)).toContain(`part ${steps.length} of ${steps.length}`);
    await page.keyboard.press("Home");
    await page.locator(".interleaving .row").nth(1).click();
    expect(await machine(page)).toBe(seen[2]);
    await page.close();
  });

  it("shows the whole interleaving where there is room, and keeps the present step in sight where there is not", async () => {
    const wide = await open(basic, { width: 1280 });
    const hidden = (page: Page): Promise<number> =>
      page.locator(".steps").evaluate((frame) => frame.scrollHeight - frame.clientHeight);
    expect(await hidden(wide.page)).toBe(0);
    await wide.page.close();
    const { page } = await open(basic, { width: 420 });
    expect(await hidden(page)).toBeGreaterThan(0);
    for (const key of ["End", "Home", "ArrowRight"]) {
      await page.keyboard.press(key);
      const isInSight = await page.locator(".steps").evaluate((frame) => {
        const line = frame.querySelector("[aria-current]")?.getBoundingClientRect();
        const head = frame.querySelector("thead")!.getBoundingClientRect();
        const { bottom } = frame.getBoundingClientRect();
        return line === undefined || (line.top >= head.bottom - 1 && line.bottom <= bottom + 1);
      });
      expect(isInSight).toBe(true);
    }
    await page.close();
  });

  it.each([1280, 420])("cuts no name on the disk off at %d pixels", async (width) => {
    const { page } = await open(basic, { width });
    await page.keyboard.press("End");
    const boxes = page.locator(".stretch:not(.small)");
    expect(await boxes.allTextContents()).toEqual(expect.arrayContaining(["/db", "/swapfile"]));
    const cut = await boxes.evaluateAll(
      (all) => all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).length,
    );
    expect(cut).toBe(0);
    await page.close();
  });

  it("folds up what no step changes, and leaves it open once somebody has opened it", async () => {
    const { page } = await open(basic);
    const { steps, before } = basic.schedule!;
    const changing = new Set(steps.flatMap(({ changes }) => changes.map(({ about }) => about)));
    const still = Object.keys(before).filter((about) => !changing.has(about));
    expect(still.length).toBeGreaterThan(0);
    const folded = page.locator(".machine details");
    expect(await folded.locator("tbody th").allTextContents()).toEqual(expect.arrayContaining(still));
    expect(await folded.locator("tbody th").first().isVisible()).toBe(false);
    await folded.locator("summary").click();
    await page.keyboard.press("ArrowRight");
    expect(await folded.locator("tbody th").first().isVisible()).toBe(true);
    const shown = await page.locator(".machine h4:has-text('Pages') + .scroll tbody th").allTextContents();
    expect(shown.length).toBeGreaterThan(0);
    for (const about of shown) expect(changing).toContain(about);
    await page.close();
  });

  it("shows on the disk that swap writes to its own file at first and to somebody else's in the end", async () => {
    const { page } = await open(basic);
    const text = page.locator(".machine h4:has-text('The disk') + p");
    expect(await text.textContent()).toMatch(/^Swap would write to \d+ blocks of: swap file \/swapfile\.$/);
    expect(await page.locator(".stretch.cell-s.swap-here").count()).toBeGreaterThan(0);
    await page.keyboard.press("End");
    expect(await text.textContent()).toMatch(/other files \/db/);
    expect(await page.locator(".stretch.cell-s.swap-here").count()).toBe(0);
    expect(await page.locator(".stretch.cell-d.swap-here").count()).toBeGreaterThan(0);
    await page.close();
  });

  it("tells which fact went stale, which extents moved, and how the bytes got there", async () => {
    const { page } = await open(basic);
    const titles = await page.locator("section h3").allInnerTexts();
    expect(titles).toEqual(expect.arrayContaining(["Why it was possible", "Extents that changed"]));
    expect(await page.locator("section:has-text('How the bytes got there') li").count()).toBe(
      basic.schedule!.because.length,
    );
    expect(await page.locator("pre.replay").textContent()).toBe("pagestorm replay 'ps1:line'");
    await page.getByRole("button", { name: "copy" }).click();
    await page.waitForFunction(() => document.querySelector("[role=status]")?.textContent !== "");
    await page.close();
  });
});

it("the page of a dead-lock draws who waits for whom, and that it is in vain", async () => {
  const { page, complaints } = await open(pageOf(SELF_LOCK, SELF_LOCK_STRATEGY, "s.yaml", []));
  expect(await page.locator(".wait-graph rect.lost").count()).toBe(1);
  const wider = await page.locator(".wait-graph g").evaluateAll((boxes) => {
    const widthOf = (element: Element): number => element.getBoundingClientRect().width;
    return boxes.filter((box) =>
      [...box.querySelectorAll("text")].some((text) => widthOf(text) > widthOf(box.querySelector("rect")!)),
    ).length;
  });
  expect(wider).toBe(0);
  const told = await page.locator("section:has(.wait-graph) li").allInnerTexts();
  expect(told).toEqual([expect.stringMatching(/^program waits in lock_page .*in vain, for .*holds\.$/)]);
  expect(complaints).toEqual([]);
  await page.close();
});

it("the page of a search that found nothing says what was covered, as table and as chart", async () => {
  const coverage = {
    schedules: 1500,
    head: ["search", "schedules"],
    rows: [["random", "1500"]],
    newPairs: [{ search: "random", schedules: 1500, counts: [40, 3] }],
  };
  const { page, complaints } = await open({
    ...basic,
    verdict: "safe",
    sentence: "no violation",
    schedule: undefined,
    coverage,
  });
  await page.waitForFunction(() => document.querySelectorAll(".stage svg circle").length === 2);
  expect(await page.locator("h2").textContent()).toBe("safe: no violation");
  expect(complaints).toEqual([]);
  await page.close();
});
