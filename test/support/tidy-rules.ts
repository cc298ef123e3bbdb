/** One source file as the rules see it. */
export interface SourceFile {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** A broken rule: where, and what to do instead. */
export type Finding = string;

/** The layers, and whose index each may import. A room inside a layer (fs/btrfs) belongs to the layer. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "sim/engine": [],
  "sim/block": ["sim/engine"],
  "sim/fs": ["sim/engine", "sim/block"],
  "sim/swap": ["sim/engine", "sim/block", "sim/fs"],
  "sim/replacement": ["sim/engine"],
  "sim/mm": ["sim/engine", "sim/block", "sim/fs", "sim/swap", "sim/replacement"],
  "sim/oracle": ["sim/engine", "sim/block"],
  "sim/checks": ["sim/engine", "sim/block", "sim/fs", "sim/swap", "sim/mm"],
  sim: [
    "sim/engine",
    "sim/block",
    "sim/fs",
    "sim/swap",
    "sim/replacement",
    "sim/mm",
    "sim/oracle",
    "sim/checks",
    "sim",
  ],
  workloads: ["sim/engine", "sim/mm"],
  src: ["sim", "workloads"],
};

/** Rooms of the assembly, which are no layer of their own. */
const ASSEMBLY_ROOMS: readonly string[] = ["explore"];

/** Rooms of one layer that must not know each other. */
const SEPARATE_ROOMS = ["sim/fs/btrfs", "sim/fs/ext4", "sim/fs/f2fs", "sim/fs/nfs"];

/** What must not stand in a file, where that holds, and what to use. */
const BANNED: readonly { readonly where: RegExp; readonly pattern: RegExp; readonly use: string }[] = [
  { where: /^(sim|workloads)\//, pattern: /\bMath\.random\b/, use: "a named stream of engine.random" },
  { where: /^(sim|workloads)\//, pattern: /\bnew Date\b|\bDate\.|\bperformance\./, use: "engine.now" },
  {
    where: /^(sim|workloads)\//,
    pattern: /\bprocess\.(env|argv|exit|hrtime|nextTick|cpuUsage|memoryUsage|stdout|stderr|cwd)\b/,
    use: "an argument",
  },
  {
    where: /^(sim|workloads)\//,
    pattern: /\bconsole\.|\bsetTimeout\b/,
    use: "a result, or an actor that delays",
  },
  {
    where: /^(sim|workloads)\//,
    pattern: /\basync (function|\()|\basync \w+\(|\bawait \b|\bPromise\b/,
    use: "a generator",
  },
  {
    where: /^(sim|workloads)\//,
    pattern:
      /\bMath\.(sin|cos|tan|asin|acos|atan2?|exp|expm1|log|log2|log10|log1p|pow|cbrt|hypot|sinh|cosh|tanh)\b/,
    use: "engine/exact-math.ts: engines differ in the last bit",
  },
  { where: /^(sim|workloads)\//, pattern: /(?<!2) \*\* /, use: "multiplication, or 2 ** n" },
  { where: /^(sim|workloads)\//, pattern: /\bIntl\.|\btoLocale|\blocaleCompare\b/, use: "own formatting" },
  { where: /^(sim|workloads)\//, pattern: /\bfor \(const \w+ in /, use: "for … of" },
  { where: /^(sim|workloads)\//, pattern: /\.(sort|toSorted)\(\)/, use: "a comparator" },
  { where: /^(sim|workloads|src)\//, pattern: /\bexport default\b(?! function alea)/, use: "a named export" },
  { where: /./, pattern: /\bas any\b/, use: "a type" },
  { where: /^(?!test\/support\/tidy)/, pattern: /\b(TODO|FIXME|XXX|HACK)\b/, use: "an issue" },
  { where: /^test\//, pattern: /\.(skip|only)\(/, use: "a test that runs" },
];

const LINES_MAX = 500;

function layerOf(path: string): string {
  const [top, second, third] = path.split("/");
  const isLayer = top === "sim" && third !== undefined && !ASSEMBLY_ROOMS.includes(second!);
  return isLayer ? `sim/${second}` : top!;
}

/** Import statements that reach another file, with the line they stand in. */
function importsOf({
  text,
}: SourceFile): { readonly target: string; readonly line: number; readonly typeOnly: boolean }[] {
  return [...text.matchAll(/^(?:import|export)\s+(type\s+)?[^;]*?from\s+"([^"]+)"/gms)].map((match) => ({
    typeOnly: match[1] !== undefined,
    target: match[2]!,
    line: text.slice(0, match.index).split("\n").length,
  }));
}

function resolve(from: string, target: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** The import law: lower layers know nothing of higher ones, and one enters a layer by its index. */
export function checkImports(file: SourceFile): Finding[] {
  const layer = layerOf(file.path);
  if (layer === "test") return [];
  const findings: Finding[] = [];
  for (const { target, line, typeOnly } of importsOf(file)) {
    const at = `${file.path}:${line}`;
    if (target.startsWith("node:")) {
      if (!file.path.startsWith("src/node/"))
        findings.push(`${at} imports ${target}; only src/node touches the outside`);
      continue;
    }
    if (!target.startsWith(".")) continue;
    const resolved = resolve(file.path, target);
    const other = layerOf(resolved);
    const [here, there] = [file.path, resolved].map((path) =>
      SEPARATE_ROOMS.find((room) => path.startsWith(`${room}/`)),
    );
    if (here && there && here !== there)
      findings.push(`${at} imports ${resolved}; ${here} and ${there} are separate`);
    if (other === layer) continue;
    const sharedTypes = typeOnly && /^sim\/(result|scenario)\.ts$/.test(resolved);
    if (sharedTypes) continue;
    if (!(MAY_IMPORT[layer] ?? []).includes(other))
      findings.push(`${at} imports ${resolved}; ${layer} may not know ${other}`);
    else if (!resolved.endsWith("/index.ts"))
      findings.push(`${at} imports ${resolved}; enter ${other} by its index.ts`);
  }
  return findings;
}

/** Words and constructs that must not be used. Comments count: they are read as well. */
export function checkBans(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  const lines = file.text.split("\n");
  for (const { where, pattern, use } of BANNED) {
    if (!where.test(file.path)) continue;
    lines.forEach((text, index) => {
      const code = text.replace(/^\s*(\*|\/\/).*$/, "");
      if (pattern.test(code)) findings.push(`${file.path}:${index + 1} has ${pattern.source}; use ${use}`);
    });
  }
  return findings;
}

export function checkLength({ path, text }: SourceFile): Finding[] {
  const lines = text.split("\n").length - 1;
  return lines > LINES_MAX ? [`${path} has ${lines} lines; at most ${LINES_MAX}, one concept a file`] : [];
}

/** Cycles of imports that exist when the program runs (imports of types do not). */
export function findImportCycle(files: readonly SourceFile[]): string | undefined {
  const edges = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ target, typeOnly }) => target.startsWith(".") && !typeOnly)
        .map(({ target }) => resolve(file.path, target)),
    ]),
  );
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(" -> ");
    if (finished.has(path)) return undefined;
    for (const next of edges.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle) return cycle;
    }
    finished.add(path);
    return undefined;
  };
  for (const path of edges.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return undefined;
}
