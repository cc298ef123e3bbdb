import type { ResultDocument } from "../experiments/index.ts";
import { page } from "./page.ts";
import "./report.css";

/** The script of the HTML report: reads the results inside the page and draws them. */
const results = document.getElementById("results")?.textContent ?? "[]";
document.getElementById("report")?.replaceChildren(...page(JSON.parse(results) as readonly ResultDocument[]));
