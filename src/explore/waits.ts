import type { Wait } from "../../sim/index.ts";

/** Who waits where for what, and who has it: "backup waits in nfs_start_io_direct for i_rwsem of /swapfile, which it has itself." */
export function waitSentence({ who, in: label, for: what, never, on, any }: Wait): string {
  const name = what ?? "something without a name";
  if (never !== undefined) return `${who} waits in ${label} in vain, for ${never}.`;
  if (on.length === 0) return `${who} waits in ${label} for ${name}.`;
  const others = on.map((holder) => (holder === who ? "it" : holder));
  if (any) return `${who} waits in ${label} for ${name}, which only ${others.join(" or ")} can bring about.`;
  const hold = others.length === 1 ? "has" : "have";
  const itself = on.length === 1 && on[0] === who ? " itself" : "";
  return `${who} waits in ${label} for ${name}, which ${others.join(" and ")} ${hold}${itself}.`;
}

/** Of those who wait, the ones that nobody but a process can help, or nobody at all; the others wait for a device or a timer. */
export function waitSentences(waits: readonly Wait[]): readonly string[] {
  return waits.filter(({ on, never }) => on.length > 0 || never !== undefined).map(waitSentence);
}
