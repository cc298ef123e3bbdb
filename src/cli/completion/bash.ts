import type { CompletedOption, CompletedProgram, Values } from "./tree.ts";

/** A script for bash 4 or later. It asks nobody: everything it offers stands in it. */
export function bashScript(program: CompletedProgram): string {
  const f = `_${program.name}`;
  const all = [{ name: "", options: program.options }, ...program.commands];
  const values = all.flatMap(({ name, options }) => options.flatMap((option) => valueCase(f, name, option)));
  const flags = all.map(({ name, options }) => {
    return `      ${quote(name)}) ${f}_words ${options.map(({ flag }) => quote(flag)).join(" ")} ;;\n`;
  });
  const names: Values = { kind: "words", words: program.commands.map(({ name }) => name) };
  const first = [{ name: "", argument: names }, ...program.commands].flatMap(({ name, argument }) =>
    argument ? [`      ${quote(name)}) ${offer(f, argument)} ;;\n`] : [],
  );
  return `# bash completion of ${program.name}. In ~/.bashrc: source <(${program.name} completion bash)

${helpers(f)}
${f}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= index
  # --option=value is three words for bash.
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ \${COMP_WORDS[index]} != -* ]]; then
      command=\${COMP_WORDS[index]}
      break
    fi
  done
  COMPREPLY=()
  case "$command $previous" in
${values.join("")}  esac
  if [[ $current == -* ]]; then
    case $command in
${flags.join("")}    esac
  else
    case $command in
${first.join("")}    esac
  fi
}

complete -F ${f} ${program.name}
`;
}

/** What offers words, lists and files; \`current\` is the caller's. */
function helpers(f: string): string {
  return `${f}_words() {
  mapfile -t COMPREPLY < <(compgen -W "$*" -- "$current")
}

# Words with commas between them: completes the last one.
${f}_list() {
  local before=
  if [[ $current == *,* ]]; then before=\${current%,*},; fi
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$*" -- "\${current##*,}")
  compopt -o nospace
}

# Files with the given extensions, and folders; without extensions all files.
${f}_files() {
  local extension pattern='!*'
  for extension; do
    if [[ $pattern == '!*' ]]; then pattern="!*.@($extension"; else pattern+="|$extension"; fi
  done
  if (($#)); then pattern+=')'; fi
  compopt -o filenames
  mapfile -t COMPREPLY < <(
    shopt -s extglob
    if (($#)); then compgen -d -- "$current"; fi
    compgen -f -X "$pattern" -- "$current"
  )
}
`;
}

function valueCase(f: string, command: string, { flag, value }: CompletedOption): readonly string[] {
  return value ? [`    ${quote(`${command} ${flag}`)}) ${offer(f, value)}; return ;;\n`] : [];
}

function offer(f: string, value: Values): string {
  if (value.kind === "anything") return ":";
  if (value.kind === "files") return [`${f}_files`, ...value.extensions.map(quote)].join(" ");
  return [`${f}_${value.kind}`, ...value.words.map(quote)].join(" ");
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
