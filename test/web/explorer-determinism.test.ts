import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { bundle } from "../support/bundle.ts";
import { exploredRun } from "../support/portable-explorer.ts";

const BASIC = readFileSync(join(import.meta.dirname, "../../workloads/explore/basic.yaml"), "utf8");

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
  page = await browser.newPage();
  await page.addScriptTag({ content: await bundle("portable-explorer.ts", "portable") });
}, 60_000);

afterAll(async () => {
  await browser?.close();
});

it.each([
  ["bmap", "1"],
  ["bmap", "2"],
  ["pinned", "3"],
  ["direct-io", "4"],
])(
  "a browser makes of the same choices what Node makes of them, step by step: %s, seed %s",
  async (...[strategy, seed]) => {
    const call = `portable.exploredRun(...${JSON.stringify([BASIC, strategy, seed])})`;
    const [there, again] = JSON.parse(await page.evaluate(call)) as unknown[];
    expect(again).toEqual(there);
    expect(there).toEqual((JSON.parse(exploredRun(BASIC, strategy, seed)) as unknown[])[0]);
  },
);
