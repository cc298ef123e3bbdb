import { eventLines, generationExplained, wrap } from "../report/index.ts";
import type { BugStory } from "./document.ts";

/** What the page tells of a bug, for a terminal: what users saw, why, and how it went without the fix. */
export function bugStoryText(story: BugStory, columns: number): string {
  const { id, title, told, seen, source, isHypothesis, variants } = story;
  const mark = isHypothesis ? " (a hypothesis, seen by nobody)" : "";
  const paragraphs = [`What users saw: ${seen}.`, ...told, `Source: ${source}.`];
  const parts = [
    wrap(`${id}: ${title}${mark}`, columns),
    ...paragraphs.map((paragraph) => wrap(paragraph, columns - 2).map((line) => `  ${line}`)),
    ...variants.map((variant) => variantLines(variant, columns)),
    generationExplained(...variants.map(({ off }) => off.what)).flatMap((line) => wrap(line, columns)),
  ].filter((lines) => lines.length > 0);
  return `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** The run without the fix: the order of steps or the fate of the bytes, what showed it, and how to see it again. */
function variantLines(
  { strategy, off, because, race, repeat }: BugStory["variants"][number],
  columns: number,
): readonly string[] {
  return [
    ...wrap(`Without the fix, with ${strategy}: ${off.what}`, columns),
    ...(race ? ["", race.interleaving] : eventLines(because, columns)),
    // In one line, however long, so that it can be copied.
    `Repeat it: ${repeat.off}`,
  ];
}
