import type { CompletedCommand, CompletedOption, CompletedProgram, Values } from "./tree.ts";

/** A script for zsh: sourced, or as a file `_NAME` in a folder of \`fpath\`. */
export function zshScript(program: CompletedProgram): string {
  const f = `_${program.name}`;
  const commands = program.commands.map(
    ({ name, summary }) => `        ${quote(`${escaped(name)}:${summary}`)}\n`,
  );
  return `#compdef ${program.name}
# zsh completion of ${program.name}. In ~/.zshrc, after compinit: source <(${program.name} completion zsh)

${f}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${program.options.map(optionSpec).join(" ")} '1: :->command' '*:: :->argument'
  case $state in
    command)
      local -a commands
      commands=(
${commands.join("")}      )
      _describe command commands
      ;;
    argument)
      case $words[1] in
${program.commands.map(commandCase).join("")}      esac
      ;;
  esac
}

if [[ $funcstack[1] == ${f} ]]; then ${f} "$@"; else compdef ${f} ${program.name}; fi
`;
}

function commandCase({ name, options, argument, isVariadic }: CompletedCommand): string {
  const specs = options.map(optionSpec);
  if (argument) specs.push(quote(`${isVariadic ? "*" : "1"}:${describe(argument)}:${action(argument)}`));
  return `        ${name}) _arguments ${specs.join(" ")} ;;\n`;
}

/** `--flag[summary]`, and what completes its value. */
function optionSpec({ flag, summary, value }: CompletedOption): string {
  const completes = value ? `:${describe(value)}:${action(value)}` : "";
  return quote(`${flag}[${escaped(summary)}]${completes}`);
}

function describe({ kind }: Values): string {
  return kind === "files" ? "file" : kind === "anything" ? "value" : "name";
}

/** In the language of _arguments. */
function action(value: Values): string {
  switch (value.kind) {
    case "words":
      return `(${value.words.join(" ")})`;
    case "list":
      return `_values -s , name ${value.words.join(" ")}`;
    case "files":
      return value.extensions.length === 0 ? "_files" : `_files -g "*.(${value.extensions.join("|")})"`;
    case "anything":
      return " ";
  }
}

/** Brackets and colons mean something to _arguments. */
function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, "\\$&");
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
