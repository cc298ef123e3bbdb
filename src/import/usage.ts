import { type DumpText, ImportProblem } from "./problem.ts";

/** One section: Data,single and the like; bytes. */
export interface UsageSection {
  readonly type: string;
  readonly profile: string;
  readonly size: number;
  readonly used: number;
  readonly line: number;
}

export interface Usage {
  readonly file: string;
  readonly deviceSize: number;
  readonly allocated: number;
  readonly sections: readonly UsageSection[];
}

/** Reads `btrfs filesystem usage -b`. */
export function readUsage({ file, text }: DumpText): Usage {
  const lines = text.trimEnd().split("\n");
  const figure = (name: string): number => {
    const at = lines.findIndex((line) => line.trim().startsWith(`${name}:`));
    const [, value] = /:\s+(\d+)$/.exec(lines[at] ?? "") ?? [];
    if (value !== undefined) return Number(value);
    const found = JSON.stringify(lines[at]?.trim() ?? "nothing");
    throw new ImportProblem(file, Math.max(1, at + 1), found, `${name}: and bytes (usage -b)`);
  };
  const sections = lines.flatMap((line, index) => {
    const row = /^(\w+),(\w+): Size:(\d+), Used:(\d+)/.exec(line);
    if (!row) return [];
    const [, type, profile, size, used] = row;
    return [
      {
        type: type!.toLowerCase(),
        profile: profile!.toLowerCase(),
        size: Number(size),
        used: Number(used),
        line: index + 1,
      },
    ];
  });
  if (!lines.some((line) => line.startsWith("Unallocated:"))) {
    throw new ImportProblem(file, lines.length, "the end of the file", "Unallocated: it is cut off");
  }
  return { file, deviceSize: figure("Device size"), allocated: figure("Device allocated"), sections };
}
