import { type DumpText, ImportProblem } from "./problem.ts";

/** Bytes of the blocks that filefrag counts on btrfs. */
const BLOCK = 4096;

/** One line of the table; bytes. */
export interface FragmentRow {
  readonly offset: number;
  /** Logical address: what filefrag calls physical on btrfs. */
  readonly address: number;
  readonly length: number;
  readonly flags: readonly string[];
  readonly line: number;
}

/** A file as `filefrag -v` shows it. */
export interface Fragments {
  readonly file: string;
  readonly path: string;
  readonly size: number;
  readonly rows: readonly FragmentRow[];
  /** Places where the next line does not continue the one before, and one more. */
  readonly runs: number;
}

const HEAD = /^File size of (.+) is (\d+) \(\d+ blocks? of (\d+) bytes\)$/;
const ROW = /^ *\d+: +(\d+)\.\. *(\d+): +(\d+)\.\. *(\d+): +(\d+):(?: +\d+:)? *(.*)$/;

/** Reads `filefrag -v FILE`. Throws an ImportProblem if it is cut off or something else. */
export function readFilefrag({ file, text }: DumpText): Fragments {
  const lines = text.trimEnd().split("\n");
  const at = lines.findIndex((line) => HEAD.test(line));
  const head = HEAD.exec(lines[at] ?? "");
  if (!head) throw new ImportProblem(file, 1, JSON.stringify(lines[0]), "File size of … from filefrag -v");
  if (Number(head[3]) !== BLOCK) {
    throw new ImportProblem(file, at + 1, `blocks of ${head[3]} bytes`, `blocks of ${BLOCK} bytes`);
  }
  const rows: FragmentRow[] = [];
  for (const [index, line] of lines.entries()) {
    if (index <= at || / ext: +logical_offset/.test(line)) continue;
    const row = ROW.exec(line);
    if (row) rows.push(rowOf(row, index + 1));
    else if (!/extents? found$/.test(line)) {
      throw new ImportProblem(file, index + 1, JSON.stringify(line), "a line of filefrag -v");
    }
  }
  if (!/extents? found$/.test(lines.at(-1) ?? "")) {
    const found = `the end of the file after ${JSON.stringify(lines.at(-1))}`;
    throw new ImportProblem(file, lines.length, found, "… extents found: it is cut off");
  }
  const breaks = rows.filter((row, index) => {
    const before = rows[index - 1];
    return before === undefined || before.address + before.length !== row.address;
  });
  return { file, path: head[1]!, size: Number(head[2]), rows, runs: breaks.length };
}

function rowOf(row: RegExpExecArray, line: number): FragmentRow {
  const [, offset, , address, , length, flags] = row;
  return {
    offset: Number(offset) * BLOCK,
    address: Number(address) * BLOCK,
    length: Number(length) * BLOCK,
    flags: flags!.split(",").filter(Boolean),
    line,
  };
}
