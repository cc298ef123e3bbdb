import { type Actor, assert, step } from "../engine/index.ts";
import type { Errno } from "../fs/index.ts";
import type { SwapArea } from "./swap-area.ts";
import type { SwapSpace } from "./swap-space.ts";

/** Memory management's part of swapoff: brings every page of the area back (try_to_unuse). */
export type TryToUnuse = (area: SwapArea) => Actor<Errno | undefined>;

/**
 * swapoff(2) after the open, which finds only areas that are not being switched off already. If the pages cannot be brought
 * back, the area goes on as before. Otherwise its tables are freed as soon as nobody holds the area; who comes late with an
 * entry of it must not touch them.
 */
export function* swapoff(space: SwapSpace, area: SwapArea, tryToUnuse: TryToUnuse): Actor<Errno | undefined> {
  yield step("swapoff", space);
  if (!space.areas.includes(area) || !area.writeOk) return "EINVAL";
  space.closeArea(area);
  const errno = yield* tryToUnuse(area);
  if (errno !== undefined) {
    space.reopenArea(area);
    return errno;
  }
  assert(area.map.inuse === 0, "an area that was unused has no slots in use");
  yield* space.killUsers(area);
  space.removeArea(area);
  area.transport.deactivate();
  area.setSwapFile(false);
  return undefined;
}
