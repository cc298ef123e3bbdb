import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";

/*
 * `npm run screenshots`: makes the pages that docs/images shows, with the command a reader would use, and takes their
 * pictures. Run it when a page changes its looks.
 */

const root = fileURLToPath(new URL("../../", import.meta.url));
const images = join(root, "docs/images");

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pagestorm-screenshots-"));
  mkdirSync(images, { recursive: true });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command line; a verdict against a strategy is no failure of the command. */
function pagestorm(...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, ["dist/cli/main.js", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
}

interface Shot {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: "light" | "dark";
  /** What is to be seen at the top; left out: the top of the page. */
  readonly from?: string;
}

async function take(page: string, { name, width, height, colorScheme = "light", from }: Shot): Promise<void> {
  const tab = await browser.newPage({ viewport: { width, height }, colorScheme });
  await tab.goto(`file://${join(folder, page)}`);
  await tab.waitForFunction(() => document.querySelectorAll("svg").length > 0);
  if (from !== undefined) {
    await tab
      .locator(from)
      .first()
      .evaluate((element) => element.scrollIntoView({ block: "start" }));
  }
  await tab.screenshot({ path: join(images, `${name}.png`) });
  await tab.close();
}

it("takes the pictures of a comparison", { timeout: 120_000 }, async () => {
  const scenario = "workloads/scenarios/balance-under-pressure.yaml";
  pagestorm("compare", scenario, "--html", join(folder, "report.html"), "--quiet");
  await take("report.html", { name: "report", width: 1200, height: 1000 });
  await take("report.html", { name: "report-dark", width: 1200, height: 1000, colorScheme: "dark" });
  await take("report.html", { name: "report-phone", width: 420, height: 900 });
  await take("report.html", {
    name: "disk-map",
    width: 1200,
    height: 760,
    from: "section:has(input[type=range])",
  });
});

it("takes the picture of a validation", { timeout: 240_000 }, async () => {
  const measured = "workloads/measured/ground-truth.jsonl.gz";
  pagestorm("validate", measured, "--html", join(folder, "validation.html"), "--quiet");
  await take("validation.html", { name: "validation", width: 1200, height: 1000 });
});
