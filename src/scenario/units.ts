const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
]);

const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ["ns", 1],
  ["us", 1_000],
  ["ms", 1_000_000],
  ["s", 1_000_000_000],
  ["min", 60_000_000_000],
  ["h", 3_600_000_000_000],
]);

/** The forms in which sizes, durations and rates are written, as patterns for editors. */
export const WRITTEN = {
  size: "^[0-9]+(\\.[0-9]+)? ?(B|KiB|MiB|GiB|TiB)?$",
  duration: "^(0|[0-9]+(\\.[0-9]+)? ?(ns|us|ms|s|min|h))$",
  rate: "^[0-9]+(\\.[0-9]+)? ?/s$",
} as const;

/** Bytes: `256MiB`, `1.5GiB`, or a plain number. Undefined if it is no whole number of bytes. */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text, SIZE_UNITS, 1);
}

/** Nanoseconds: `90s`, `4us`, `5min`, or 0. Undefined if it is no whole number of nanoseconds. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  return parseQuantity(text, DURATION_UNITS, undefined);
}

/** Events per second: `2000/s`. */
export function parseRate(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?) ?\/s$/.exec(text);
  return match ? Number(match[1]) : undefined;
}

/**
 * A number with a unit as a whole number of the smallest unit; `withoutUnit` is what a bare number counts.
 */
function parseQuantity(
  text: string,
  units: ReadonlyMap<string, number>,
  withoutUnit: number | undefined,
): number | undefined {
  const match = /^([0-9]+)(?:\.([0-9]+))? ?([A-Za-z]*)$/.exec(text);
  if (!match) return undefined;
  const [, whole = "", fraction = "", name = ""] = match;
  const unit = name === "" ? withoutUnit : units.get(name);
  if (unit === undefined) return undefined;
  // In whole numbers, because 4.35 * 100 is not 435 in floating point.
  const value = (Number(whole + fraction) * unit) / 10 ** fraction.length;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** What somebody who wrote `256MB` or `90sec` probably meant. */
export function suggestUnit(text: string, kind: "size" | "duration"): string | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?) ?([A-Za-zµμ]+)$/.exec(text);
  if (!match) return undefined;
  const names = [...(kind === "size" ? SIZE_UNITS : DURATION_UNITS).keys()];
  const unit = match[2]!.replace(/[µμ]/, "u");
  const meant = kind === "size" ? sameLetter(unit, names) : spelledOut(unit, names);
  return meant === undefined || meant === match[2] ? undefined : match[1] + meant;
}

/** `MB`, `mib` and `M` all mean MiB here: memory and disks of the simulated machine come in powers of two. */
function sameLetter(unit: string, names: readonly string[]): string | undefined {
  if (!/^[kmgt]?i?b?$/i.test(unit)) return undefined;
  return names.find((name) => name[0] === unit[0]!.toUpperCase());
}

/** Longer spellings of units of time; the first one that fits counts, so `milli` stands before `min`. */
function spelledOut(unit: string, names: readonly string[]): string | undefined {
  const words: readonly (readonly [string, string])[] = [
    ["milli", "ms"],
    ["msec", "ms"],
    ["micro", "us"],
    ["usec", "us"],
    ["nano", "ns"],
    ["nsec", "ns"],
    ["sec", "s"],
    ["min", "min"],
    ["hour", "h"],
    ["hr", "h"],
  ];
  const lower = unit.toLowerCase();
  return names.find((name) => name === lower) ?? words.find(([start]) => lower.startsWith(start))?.[1];
}

/** A size in the largest unit that needs no fraction; reads back as the same number. */
export function writeSize(bytes: number): string {
  return writeQuantity(bytes, SIZE_UNITS);
}

/** A duration in the largest unit that needs no fraction; reads back as the same number. */
export function writeDuration(nanoseconds: number): string {
  return nanoseconds === 0 ? "0" : writeQuantity(nanoseconds, DURATION_UNITS);
}

/** The units ascend, so the last one that divides the value is the largest. */
function writeQuantity(value: number, units: ReadonlyMap<string, number>): string {
  let text = String(value);
  for (const [name, unit] of units) {
    if (value !== 0 && value % unit === 0) text = `${value / unit}${name}`;
  }
  return text;
}
