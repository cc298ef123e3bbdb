import type { Toggles } from "./job.ts";
/** Everything that a run repeats from: the file and its state, what was left out of it, and the choices. */
export interface ReplayIdentity {
  /** Path of the scenario file. */
  readonly scenario: string;
  readonly hash: string;
  readonly strategy: string;
  readonly toggles: Toggles;
  readonly without: readonly string[];
  readonly choices: readonly number[];
}

const VERSION = "ps1";

/**
 * `ps1:FILE:HASH:STRATEGY:TOGGLES:WITHOUT:CHOICES`, without spaces and safe in a URL. A choice that is not the first
 * possibility is a number; runs of first possibilities between them are counted as `z`: `12z1.3z2`.
 */
export function writeReplayLine(identity: ReplayIdentity): string {
  const { scenario, hash, strategy, toggles, without, choices } = identity;
  const switches = [
    ...(toggles.broken ? ["broken"] : []),
    ...toggles.on.map((name) => `+${name}`),
    ...toggles.off.map((name) => `-${name}`),
  ];
  const parts = [scenario, hash, strategy, switches.join(","), without.join(","), writeChoices(choices)];
  return [VERSION, ...parts.map((part) => encodeURIComponent(part))].join(":");
}

/** Undefined if the text is no such line. */
export function readReplayLine(line: string): ReplayIdentity | undefined {
  const [version, ...encoded] = line.trim().split(":");
  if (version !== VERSION || encoded.length !== 6) return undefined;
  const parts = encoded.map(decode);
  if (parts.includes(undefined)) return undefined;
  const [scenario, hash, strategy, switches, without, choices] = parts as string[];
  const read = readChoices(choices!);
  if (!read) return undefined;
  const named = list(switches!);
  return {
    scenario: scenario!,
    hash: hash!,
    strategy: strategy!,
    toggles: {
      on: named.filter((name) => name.startsWith("+")).map((name) => name.slice(1)),
      off: named.filter((name) => name.startsWith("-")).map((name) => name.slice(1)),
      broken: named.includes("broken"),
    },
    without: list(without!),
    choices: read,
  };
}

export function writeChoices(choices: readonly number[]): string {
  const words: string[] = [];
  let zeroes = 0;
  for (const choice of choices) {
    if (choice === 0) {
      zeroes++;
      continue;
    }
    if (zeroes > 0) words.push(`${zeroes}z`);
    zeroes = 0;
    words.push(String(choice));
  }
  return words.join(".");
}

export function readChoices(text: string): readonly number[] | undefined {
  const choices: number[] = [];
  if (text === "") return choices;
  for (const word of text.split(".")) {
    const [, digits, zeroes] = /^(\d{1,6})(z?)$/.exec(word) ?? [];
    if (digits === undefined) return undefined;
    if (zeroes === "z") for (let left = Number(digits); left > 0; left--) choices.push(0);
    else choices.push(Number(digits));
  }
  return choices;
}

const list = (text: string): string[] => (text === "" ? [] : text.split(","));

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
