/*
 * Numbers for people. No locale is asked, so that the same run prints the same text everywhere.
 */

/** Three significant digits, without an exponent: 0.0123, 1.23, 12.3, 123, 1234. */
function significant(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 99.95) return String(Math.round(value));
  const digits = size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  return value.toFixed(digits).replace(/\.?0+$/, "");
}

/** Nanoseconds: 850 ns, 4.2 us, 12.3 ms, 90 s. */
export function formatDuration(nanoseconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [1e9, "s"],
    [1e6, "ms"],
    [1e3, "us"],
  ];
  const unit = units.find(([size]) => Math.abs(nanoseconds) >= size * 0.9995);
  return unit ? `${significant(nanoseconds / unit[0])} ${unit[1]}` : `${significant(nanoseconds)} ns`;
}

/** Bytes: 0 B, 512 KiB, 1.21 GiB. */
export function formatBytes(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1023.5 && unit < names.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${significant(value)} ${names[unit]}`;
}

/** A count in groups of three digits: 3,456. */
export function formatCount(count: number): string {
  const digits = String(Math.trunc(Math.abs(count)));
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, ",");
  return count < 0 ? `-${grouped}` : grouped;
}

/** A share of 0 to 1: 12.3 %. */
export function formatPercent(share: number): string {
  return `${significant(share * 100)} %`;
}

/** "1 page", "3,456 pages". */
export function formatMany(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Breaks a text at spaces into lines of at most `width`; longer words are cut. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((long) => pieces(long, width))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Columns that the lines after the first of a hanging text stand further in. */
const HANGING = 2;

/** Breaks a text as `wrap` does; all lines stand `indent` columns in, those after the first a little more. */
export function hang(text: string, width: number, indent: number = 0): readonly string[] {
  return wrap(text, width - indent - HANGING).map(
    (line, at) => " ".repeat(at === 0 ? indent : indent + HANGING) + line,
  );
}

function pieces(word: string, width: number): readonly string[] {
  const parts = [];
  for (let start = 0; start < word.length; start += width) parts.push(word.slice(start, start + width));
  return parts;
}

/** Events with the times at which they happened, each in a line that breaks beside its time. */
export function eventLines(
  events: readonly { readonly at: number; readonly what: string }[],
  width: number,
): readonly string[] {
  const timed = events.map(({ at, what }) => ({ when: formatDuration(at), what }));
  const whenWidth = Math.max(...timed.map(({ when }) => when.length), 1);
  const indent = whenWidth + 4;
  return timed.flatMap(({ when, what }) => {
    const [head = "", ...rest] = wrap(what, Math.max(width - indent, 20));
    return [`  ${when.padStart(whenWidth)}  ${head}`, ...rest.map((line) => " ".repeat(indent) + line)];
  });
}
