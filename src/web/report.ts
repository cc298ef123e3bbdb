import type { ResultDocument } from "../experiments/index.ts";
import type { ExplorePage } from "../explore/index.ts";
import type { ValidationDocument } from "../validate/index.ts";
import { explorationSections } from "./explore/page.ts";
import { page } from "./page.ts";
import { validationSections } from "./validation.ts";
import "./report.css";
import "./explore.css";

/** The script of every HTML report: reads the data inside the page and draws what belongs to it. */
const dataOf = (id: string): unknown => {
  const text = document.getElementById(id)?.textContent;
  return text ? JSON.parse(text) : undefined;
};
const validation = dataOf("validation");
const exploration = dataOf("exploration");
const parts = validation
  ? validationSections(validation as ValidationDocument)
  : exploration
    ? explorationSections(exploration as ExplorePage)
    : page((dataOf("results") ?? []) as readonly ResultDocument[]);
document.getElementById("report")?.replaceChildren(...parts);
