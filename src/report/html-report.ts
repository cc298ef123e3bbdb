import type { BugStory } from "../bugs/index.ts";
import type { ResultDocument } from "../experiments/index.ts";
import type { ExplorePage } from "../explore/index.ts";
import type { ValidationDocument } from "../validate/index.ts";

/** What the page needs beside its data: the bundle of src/web and its style sheet. */
export interface ReportAssets {
  readonly script: string;
  readonly style: string;
}

/**
 * The HTML report of one or several runs: one file that needs nothing else. The page is drawn in the browser from the
 * result documents inside it; a policy in its head forbids all access to any network.
 */
export function htmlReport(documents: readonly ResultDocument[], assets: ReportAssets): string {
  return htmlPage(documents.map(({ scenario }) => scenario).join(", "), "results", documents, assets);
}

/** The page about a validation: tables and plots of simulated against measured counters. */
export function validationPage(document: ValidationDocument, assets: ReportAssets): string {
  return htmlPage("validation", "validation", document, assets);
}

/** The page about an exploration or a replay: the order of steps, to be stepped through. */
export function explorePage(page: ExplorePage, assets: ReportAssets): string {
  return htmlPage(`${page.scenario}, ${page.strategy}`, "exploration", page, assets);
}

/** The page about known bugs: what users saw, what broke, and the machine without and with the fix. */
export function bugsPage(stories: readonly BugStory[], assets: ReportAssets): string {
  return htmlPage(stories.map(({ id }) => id).join(", "), "bugs", stories, assets);
}

/** A page that the script draws from the data of one kind. */
function htmlPage(title: string, kind: string, data: unknown, { script, style }: ReportAssets): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${escapeText(title)} - pagestorm</title>
<style>${style}</style>
</head>
<body>
<main id="report"><noscript>This report is drawn by a script inside this file; please allow scripts.</noscript></main>
<script type="application/json" id="${kind}">${escapeScript(JSON.stringify(data))}</script>
<script>${script.replaceAll("</script", "<\\/script")}</script>
</body>
</html>
`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** JSON inside a script element: no `<` may stand there, or a name could end the element. */
function escapeScript(json: string): string {
  return json.replaceAll("<", "\\u003c");
}
