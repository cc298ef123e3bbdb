import type { BugStory } from "../bugs/index.ts";
import type { ResultDocument } from "../experiments/index.ts";
import type { ExplorePage } from "../explore/index.ts";
import type { ValidationDocument } from "../validate/index.ts";
import { bugSections } from "./bugs.ts";
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
const KINDS: Readonly<Record<string, (data: unknown) => readonly HTMLElement[]>> = {
  validation: (data) => validationSections(data as ValidationDocument),
  bugs: (data) => bugSections(data as readonly BugStory[]),
  exploration: (data) => explorationSections(data as ExplorePage),
  results: (data) => page(data as readonly ResultDocument[]),
};
const parts = Object.entries(KINDS).flatMap(([kind, draw]) => {
  const data = dataOf(kind);
  return data === undefined ? [] : draw(data);
});
document.getElementById("report")?.replaceChildren(...parts);
