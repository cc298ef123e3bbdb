import { type LaidChunk, type LaidDisk, type LaidFile, type LaidPiece, PAGE_SIZE } from "../../sim/index.ts";
import type { Value } from "./document.ts";

const TYPES = ["data", "metadata", "system"] as const;
const A_LINE = "chunk START LENGTH TYPE PROFILE DEVICE:OFFSET…, file SIZE [nocow] PATH, or piece …";

/** A file while its pieces are read. */
interface OpenFile extends Omit<LaidFile, "pieces"> {
  readonly pieces: LaidPiece[];
}

/**
 * A layout as text, one thing a line: chunks, and files with their pieces below them. Addresses are logical, numbers
 * are bytes. Undefined after a problem, which is reported with the number of the line.
 */
export function readLayout(value: Value, profiles: readonly string[], devices: number): LaidDisk | undefined {
  const chunks: LaidChunk[] = [];
  const files: OpenFile[] = [];
  for (const [at, line] of String(value.scalar ?? "")
    .split("\n")
    .entries()) {
    const text = line.replace(/#.*$/, "").trim();
    if (text === "") continue;
    const [verb, ...words] = text.split(/\s+/);
    const read =
      verb === "chunk"
        ? push(chunks, readChunk(words, profiles, devices))
        : verb === "file"
          ? push(files, readFile(words))
          : verb === "piece" && files.length > 0
            ? push(files.at(-1)!.pieces, readPiece(words, chunks))
            : false;
    if (read) continue;
    value.report(A_LINE, { found: `line ${at + 1} of the layout, ${JSON.stringify(text)}` });
    return undefined;
  }
  return { chunks, files };
}

function push<Item>(list: Item[], item: Item | undefined): boolean {
  if (item !== undefined) list.push(item);
  return item !== undefined;
}

function readChunk(
  words: readonly string[],
  profiles: readonly string[],
  devices: number,
): LaidChunk | undefined {
  const [start, length, kind, profile = "", ...places] = words;
  const type = TYPES.find((candidate) => candidate === kind);
  const stripes = places.map((place) => {
    const [device, offset] = place.split(":").map(Number);
    return { device: device ?? 0, offset: offset ?? Number.NaN };
  });
  const areRight = stripes.every(({ device, offset }) => device >= 1 && device <= devices && isPages(offset));
  if (!type || !profiles.includes(profile) || stripes.length === 0 || !areRight) return undefined;
  if (!isPages(Number(start)) || !isPages(Number(length))) return undefined;
  return { start: Number(start), length: Number(length), type, profile, stripes };
}

function readFile(words: readonly string[]): OpenFile | undefined {
  const [size, ...rest] = words;
  const nocow = rest[0] === "nocow";
  const path = rest.slice(nocow ? 1 : 0).join(" ");
  return isWhole(Number(size)) && path.startsWith("/")
    ? { path, size: Number(size), nocow, pieces: [] }
    : undefined;
}

function readPiece(words: readonly string[], chunks: readonly LaidChunk[]): LaidPiece | undefined {
  const [offset, length, start, whole, extentOffset] = words.slice(0, 5).map(Number);
  if (![offset, length, start, whole, extentOffset].every((number) => isPages(number ?? Number.NaN)))
    return undefined;
  const extent = { start: start!, length: whole! };
  const isInside = chunks.some(
    (chunk) =>
      chunk.type === "data" &&
      extent.start >= chunk.start &&
      extent.start + extent.length <= chunk.start + chunk.length,
  );
  if (!isInside || extentOffset! + length! > whole!) return undefined;
  const unwritten = words[5] === "unwritten";
  return { offset: offset!, length: length!, extent, extentOffset: extentOffset!, unwritten };
}

function isWhole(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

function isPages(number: number): boolean {
  return isWhole(number) && number % PAGE_SIZE === 0;
}
