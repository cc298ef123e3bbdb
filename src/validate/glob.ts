/** A test of names by a pattern with `*` (any text) and `?` (any character), as shells have it. */
export function globTest(pattern: string): (name: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`, "s");
  return (name) => expression.test(name);
}
