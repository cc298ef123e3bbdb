import { dirname, isAbsolute, join, relative } from "node:path";
import type { NamedPaths } from "../cli/index.ts";

/** Paths as the files that name them mean them. One that begins at the root stays what it is. */
export const namedPaths: NamedPaths = {
  nameIn: (file, path) => (isAbsolute(path) ? path : relative(dirname(file), path)),
  meantBy: (file, name) => (isAbsolute(name) ? name : join(dirname(file), name)),
};
