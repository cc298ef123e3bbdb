import {
  accessSync,
  constants,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** The text of a file, or why it cannot be read. */
export function readText(path: string): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: readFileSync(path, "utf8") };
  } catch (error) {
    return { problem: explain(error) };
  }
}

/** Where a path leads: through links, as far as they lead to something. */
export function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(resolve(path));
    return folder === resolve(path) ? folder : join(placeOf(folder), basename(path));
  }
}

/**
 * Writes a file whole or not at all: into a temporary directory beside it, then over it. An existing file is replaced, the
 * target of a link too; what is no file (a pipe, a device) is written to and stays what it is. Throws what the system says,
 * and leaves nothing behind then.
 */
export function writeAtomically(name: string, text: string): void {
  const path = placeOf(name);
  const there = statSync(path, { throwIfNoEntry: false });
  if (there && !there.isFile()) {
    writeFileSync(path, text);
    return;
  }
  const directory = mkdtempSync(join(dirname(path), `.${basename(path)}-`));
  try {
    const temporary = join(directory, basename(path));
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Why a file cannot be written there; undefined if it can. */
export function whyNotWritable(name: string): string | undefined {
  const path = placeOf(name);
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory()) return "it is a directory";
    accessSync(there && !there.isFile() ? path : dirname(path), constants.W_OK);
    return undefined;
  } catch (error) {
    return explain(error);
  }
}

/** All *.txt of a folder, plain or gzipped, in the order of their names; or why there are none. */
export function textFiles(
  path: string,
): { readonly paths: readonly string[] } | { readonly problem: string } {
  try {
    const names = readdirSync(path).filter((name) => /\.txt(\.gz)?$/.test(name));
    return { paths: names.toSorted().map((name) => join(path, name)) };
  } catch (error) {
    return { problem: explain(error) };
  }
}

/** A file, or all *.yaml below a folder in the order of their names; or why there are none. */
export function yamlFiles(
  path: string,
): { readonly paths: readonly string[] } | { readonly problem: string } {
  try {
    if (!statSync(path).isDirectory()) return { paths: [path] };
    const names = readdirSync(path, { recursive: true, encoding: "utf8" });
    const yaml = names.filter((name) => name.endsWith(".yaml")).toSorted();
    return { paths: yaml.map((name) => join(path, name)) };
  } catch (error) {
    return { problem: explain(error) };
  }
}

/** Something is there: a file, a folder, even a link to nothing. */
export function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** What the system said, in words for people. */
export function explain(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const words: ReadonlyMap<string, string> = new Map([
    ["ENOENT", "there is no such file or directory"],
    ["EACCES", "permission denied"],
    ["EISDIR", "it is a directory"],
    ["ENOTDIR", "part of the path is no directory"],
    ["ENOSPC", "no space left on the device"],
    ["EROFS", "the filesystem is read-only"],
  ]);
  return words.get(code) ?? (error instanceof Error ? error.message : String(error));
}
