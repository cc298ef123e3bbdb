import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { nearest, oneOf } from "./nearest.ts";
import { byPlace, type Problem } from "./problem.ts";
import { yamlProblems } from "./yaml-problem.ts";

/** A YAML file while it is read: turns places into lines and collects what is wrong. */
export class Source {
  readonly file: string;
  readonly #text: string;
  readonly #lines: LineCounter = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #problems: Problem[] = [];
  /** Where a `*name` stands that nothing above is called. */
  readonly #undefinedAliases = new Set<number>();
  /** The file is no YAML, so nothing in it can be looked at. */
  readonly unreadable: boolean;
  readonly #enclosing: Source | undefined;

  /** A source with an `enclosing` one is the value of a command-line option, and its problems go there. */
  constructor(file: string, text: string, enclosing?: Source) {
    this.file = file;
    const isText = !text.includes("\0");
    this.#text = isText ? text : "";
    this.#enclosing = enclosing;
    this.#document = parseDocument(this.#text, { lineCounter: this.#lines, prettyErrors: false });
    const { errors } = this.#document;
    if (!isText) this.add(0, "", { found: "a file that is no text", expected: "a scenario in YAML" });
    for (const { offset, ...problem } of yamlProblems(this.#text, errors)) this.add(offset, "", problem);
    this.unreadable = !isText || errors.some(({ code }) => code !== "DUPLICATE_KEY");
    if (!this.unreadable) this.#findUndefinedAliases();
  }

  #findUndefinedAliases(): void {
    const anchors: string[] = [];
    visit(this.#document, {
      Node: (_, node) => {
        if (isAlias(node)) this.#checkAlias(node, anchors);
        else if (node.anchor !== undefined) anchors.push(node.anchor);
      },
    });
  }

  /** Whatever expects something in the place of the alias need not be told again. */
  #checkAlias(alias: Alias, anchors: readonly string[]): void {
    const offset = alias.range?.[0];
    if (offset === undefined || alias.resolve(this.#document)) return;
    const suggestion = nearest(alias.source, anchors);
    this.add(offset, "", {
      found: `*${alias.source}`,
      expected: `&${alias.source} before a value further up`,
      ...(suggestion !== undefined && { suggestion: `*${suggestion}` }),
    });
    this.#undefinedAliases.add(offset);
  }

  /** The whole file. */
  root(): Value {
    return new Value(this, this.#document.contents, "", 0);
  }

  /** Follows `*name` to what it stands for. */
  resolve(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node;
  }

  /** What is meant begins at an offset, and is the word there or goes on up to `end`. */
  add(
    offset: number,
    path: string,
    what: Pick<Problem, "found" | "expected" | "suggestion">,
    end: number = offset,
  ): void {
    if (this.#undefinedAliases.has(offset)) return;
    if (this.#enclosing) {
      this.#enclosing.#problems.push({ file: this.file, line: 0, column: 0, path: this.file, ...what });
      return;
    }
    const { line, col } = this.#lines.linePos(offset);
    this.#problems.push({
      file: this.file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      path,
      ...what,
      excerpt: this.#excerptAt(offset, end),
    });
  }

  /** The line around an offset; what is meant is at least the word there, in its quotes if it has any. */
  #excerptAt(offset: number, end: number): { readonly text: string; readonly width: number } {
    const start = this.#text.lastIndexOf("\n", offset - 1) + 1;
    const lineEnd = this.#text.indexOf("\n", offset);
    const rest = this.#text.slice(offset, lineEnd < 0 ? undefined : lineEnd);
    const [word] = /^("[^"]*"|'[^']*'|[^\s,:{}[\]]+|)/.exec(rest) ?? [""];
    const width = Math.max(word.length, Math.min(end - offset, rest.length), 1);
    return { text: this.#text.slice(start, offset) + rest, width };
  }

  get hasProblems(): boolean {
    return this.#problems.length > 0;
  }

  /** All problems in reading order. */
  problems(): readonly Problem[] {
    return this.#problems.toSorted(byPlace);
  }
}

/** A value in the file, with its place. The methods that expect something report it when it is something else. */
export class Value {
  readonly path: string;
  readonly #source: Source;
  readonly #node: Node | null;
  readonly #offset: number;
  /** Where a scalar ends that stands here itself; of anything else the first word is shown. */
  readonly #end: number;

  constructor(source: Source, node: Node | null, path: string, offset: number) {
    this.#source = source;
    this.#node = source.resolve(node);
    this.path = path;
    this.#offset = offset;
    this.#end = isScalar(node) && node.range?.[0] === offset ? node.range[1] : offset;
  }

  /** A string, number, boolean or null; undefined for maps and lists. */
  get scalar(): unknown {
    if (this.#node === null) return null;
    return isScalar(this.#node) ? this.#node.value : undefined;
  }

  /** A scalar as it was written, without quotes: `0x10` stays `0x10`. */
  get text(): string {
    if (!isScalar(this.#node)) return "";
    const { source, value } = this.#node;
    return typeof value === "string" ? value : (source ?? String(value));
  }

  /** A map in braces or by indentation. */
  get isMap(): boolean {
    return isMap(this.#node);
  }

  /** A list in brackets or by dashes. */
  get isList(): boolean {
    return isSeq(this.#node);
  }

  /** Items of a list; 0 for anything else. */
  get length(): number {
    return isSeq(this.#node) ? this.#node.items.length : 0;
  }

  /** What stands here, in words that follow "found". */
  describe(): string {
    if (isMap(this.#node)) return "a map";
    if (isSeq(this.#node)) return "a list";
    if (this.scalar === null) return "nothing";
    return typeof this.scalar === "string" ? JSON.stringify(this.scalar) : this.text;
  }

  /** Notes that this value is not what it must be. */
  report(
    expected: string,
    details: { readonly found?: string; readonly suggestion?: string | undefined } = {},
  ): void {
    const { found = this.describe(), suggestion } = details;
    const problem = { found, expected, ...(suggestion === undefined ? {} : { suggestion }) };
    this.#source.add(this.#offset, this.path, problem, this.#end);
  }

  /** Notes that something which should stand in this map does not. */
  reportMissing(key: string, expected: string): void {
    this.#source.add(this.#offset, join(this.path, key), { found: "nothing", expected });
  }

  /** An entry of the map or list that stands here, if there is such a one. */
  inner(step: PropertyKey): Value | undefined {
    if (this.isMap) return this.map("a map")?.get(String(step));
    return this.isList ? this.list("a list")?.[Number(step)] : undefined;
  }

  /** The entries of a map; reports anything else. A value that is empty has the place of its key. */
  map(expected: string): Fields | undefined {
    const node = this.#node;
    if (!isMap(node)) {
      this.report(expected);
      return undefined;
    }
    const fields = node.items.map(({ key, value }): Field => {
      const name = isScalar(key) ? (typeof key.value === "string" ? key.value : (key.source ?? "")) : "";
      const path = join(this.path, name);
      const keyAt = (key as Node | null)?.range?.[0] ?? this.#offset;
      const valueNode = value as Node | null;
      const isEmpty = valueNode === null || (isScalar(valueNode) && valueNode.value === null);
      const valueAt = isEmpty ? keyAt : (valueNode.range?.[0] ?? keyAt);
      return {
        name,
        key: new Value(this.#source, key as Node, path, keyAt),
        value: new Value(this.#source, valueNode, path, valueAt),
      };
    });
    return new Fields(this, fields);
  }

  /** The items of a list; reports anything else. */
  list(expected: string): readonly Value[] | undefined {
    const node = this.#node;
    if (!isSeq(node)) {
      this.report(expected);
      return undefined;
    }
    return node.items.map((item, index) => {
      const child = item as Node | null;
      const offset = child?.range?.[0] ?? this.#offset;
      return new Value(this.#source, child, `${this.path}[${index}]`, offset);
    });
  }
}

/** One entry of a map. Both places count: a wrong name is reported at the key, a wrong value at the value. */
export interface Field {
  readonly name: string;
  readonly key: Value;
  readonly value: Value;
}

/** The entries of a map in the order of the file. */
export class Fields {
  readonly owner: Value;
  readonly all: readonly Field[];
  readonly #misspelt = new Set<string>();

  constructor(owner: Value, all: readonly Field[]) {
    this.owner = owner;
    this.all = all;
  }

  /** The value of a key, null included; undefined if the key is not there. */
  get(name: string): Value | undefined {
    return this.all.find((field) => field.name === name)?.value;
  }

  /** The same with the entries of another map in place of those of the same name. */
  with(other: Fields): Fields {
    const kept = this.all.filter(({ name }) => !other.has(name));
    return new Fields(this.owner, [...kept, ...other.all]);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** The value of a key that must be there. */
  require(name: string, expected: string): Value | undefined {
    const value = this.get(name);
    if (!value) this.reportMissing(name, expected);
    return value;
  }

  /** Notes that a key is missing, unless `rejectUnknown` has found it misspelt. */
  reportMissing(name: string, expected: string): void {
    if (!this.#misspelt.has(name)) this.owner.reportMissing(name, expected);
  }

  /** Notes keys that mean nothing here. */
  rejectAll(names: readonly string[]): void {
    for (const { name, key } of this.all) {
      if (!names.includes(name)) continue;
      key.report("no key of that name here", { found: `the unknown key ${JSON.stringify(name)}` });
    }
  }

  /** Notes every key that is none of the known ones. */
  rejectUnknown(known: readonly string[]): void {
    for (const { name, key } of this.all) {
      if (known.includes(name)) continue;
      const suggestion = nearest(name, known);
      if (suggestion !== undefined) this.#misspelt.add(suggestion);
      key.report(oneOf(known, suggestion), {
        found: `the unknown key ${JSON.stringify(name)}`,
        suggestion,
      });
    }
  }
}

/** The path of an entry: `tasks.browser`, or `files["/db"]` where a dot would mislead. */
function join(path: string, key: string): string {
  const isPlain = /^[\w-]+$/.test(key);
  if (!isPlain) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
