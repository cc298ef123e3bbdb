import type { Command, Option } from "commander";

/** What can stand in a place of the command line. */
export type Values =
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** Words with commas between them. */
  | { readonly kind: "list"; readonly words: readonly string[] }
  /** Files with one of these extensions; with none, any file. */
  | { readonly kind: "files"; readonly extensions: readonly string[] }
  | { readonly kind: "anything" };

/** What completes a value, by the name it has in the usage: `scenario` for `<scenario>`. */
export type ValuesByName = ReadonlyMap<string, Values>;

export interface CompletedOption {
  /** With its dashes. */
  readonly flag: string;
  readonly summary: string;
  /** Undefined if the option takes no value. */
  readonly value: Values | undefined;
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments are, all alike; undefined if it takes none. */
  readonly argument: Values | undefined;
  readonly isVariadic: boolean;
}

/** Everything a shell must know of a program. */
export interface CompletedProgram {
  readonly name: string;
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
}

/** Reads the commands and options that help would show. */
export function completedProgram(program: Command, values: ValuesByName): CompletedProgram {
  const commands = program.createHelp().visibleCommands(program);
  const named = new Map(values);
  named.set("command", { kind: "words", words: commands.map((command) => command.name()) });
  return {
    name: program.name(),
    options: optionsOf(program, named),
    commands: commands.map((command) => {
      const [argument] = command.registeredArguments;
      return {
        name: command.name(),
        summary: command.summary() || command.description(),
        options: optionsOf(command, named),
        argument: argument && valuesOf(argument.name(), named),
        isVariadic: argument?.variadic ?? false,
      };
    }),
  };
}

function optionsOf(command: Command, values: ValuesByName): readonly CompletedOption[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => {
      const { long, description } = option;
      return long == null ? [] : [{ flag: long, summary: description, value: valueTaken(option, values) }];
    });
}

/** The value of `--json <file>` is a file. */
function valueTaken({ flags }: Option, values: ValuesByName): Values | undefined {
  const [, name] = /[<[](\w+)/.exec(flags) ?? [];
  return name === undefined ? undefined : valuesOf(name, values);
}

function valuesOf(name: string, values: ValuesByName): Values {
  return values.get(name) ?? { kind: "anything" };
}
