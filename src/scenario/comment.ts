/** The comment that a scenario file begins with, without its marks and the line for editors. */
export function commentOnTop(text: string): string {
  const [comment = ""] = /^(?:#.*(?:\n|$))*/.exec(text) ?? [];
  return comment
    .split("\n")
    .map((line) => line.replace(/^# ?/, ""))
    .filter((line) => !line.startsWith("yaml-language-server"))
    .join("\n")
    .trim();
}
