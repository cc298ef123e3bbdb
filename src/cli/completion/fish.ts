import type { CompletedCommand, CompletedOption, CompletedProgram, Values } from "./tree.ts";

/** A script for fish: one line for each thing that can be completed. */
export function fishScript(program: CompletedProgram): string {
  const { name, options, commands } = program;
  const lines = [
    `complete -c ${name} -f`,
    ...options.map((option) => `complete -c ${name} -n __fish_use_subcommand ${optionPart(option)}`),
    ...commands.map((command) => {
      return `complete -c ${name} -n __fish_use_subcommand -a ${quote(command.name)} -d ${quote(command.summary)}`;
    }),
    ...commands.flatMap((command) => commandLines(name, command)),
  ];
  return `# fish completion of ${name}. In ~/.config/fish/config.fish: ${name} completion fish | source\n${lines.join("\n")}\n`;
}

function commandLines(program: string, { name, options, argument }: CompletedCommand): readonly string[] {
  const start = `complete -c ${program} -n ${quote(`__fish_seen_subcommand_from ${name}`)}`;
  const values = argument ? valuePart(argument) : "";
  return [
    ...options.map((option) => `${start} ${optionPart(option)}`),
    ...(values === "" ? [] : [`${start} ${values}`]),
  ];
}

/** `-r` says that the option takes a value, `-x` that this is no file. */
function optionPart({ flag, summary, value }: CompletedOption): string {
  const takes = value ? ` ${value.kind === "files" ? "-r" : "-x"} ${valuePart(value)}`.trimEnd() : "";
  return `-l ${flag.replace(/^--/, "")} -d ${quote(summary)}${takes}`;
}

function valuePart(value: Values): string {
  switch (value.kind) {
    case "words":
      return `-a ${quote(value.words.join(" "))}`;
    case "list":
      return `-a ${quote(`(__fish_append , ${value.words.join(" ")})`)}`;
    case "files":
      return value.extensions.length === 0 ? "-F" : `-k -a ${quote(suffixes(value.extensions))}`;
    case "anything":
      return "";
  }
}

/** Files with these extensions come first. */
function suffixes(extensions: readonly string[]): string {
  return `(${extensions.map((extension) => `__fish_complete_suffix .${extension}`).join("; ")})`;
}

function quote(word: string): string {
  return `'${word.replaceAll(/['\\]/g, "\\$&")}'`;
}
