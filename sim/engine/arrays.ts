import { assert } from "./assert.ts";

/**
 * Takes the element at `index` out of a list; those behind it move up. For short lists that change with every I/O:
 * `splice` makes an array for what it takes out.
 */
export function removeAt<Element>(list: Element[], index: number): void {
  assert(index >= 0 && index < list.length, "what is taken out of a list is in it");
  for (let at = index + 1; at < list.length; at++) list[at - 1] = list[at]!;
  list.pop();
}
