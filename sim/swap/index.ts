export { FileTransport } from "./file-transport.ts";
export {
  ClusterReadahead,
  clusterRange,
  type ReadaheadState,
  type SlotRange,
  VmaReadahead,
  windowSize,
} from "./readahead.ts";
export { SLOT_BAD } from "./slots/swap-map.ts";
export { strategies } from "./strategies/index.ts";
export { NO_ENTRY, type SwapArea, type SwapEntry } from "./swap-area.ts";
export { makeSwap, type SwapHeader } from "./swap-header.ts";
export { blindSwapObserver, SwapIo, type SwapObserver } from "./swap-io.ts";
export { type SwapRules, SwapSpace, UseAfterFree } from "./swap-space.ts";
export { swapoff, type TryToUnuse } from "./swapoff.ts";
export { type SwaponRequest, type SwaponResult, swapon } from "./swapon.ts";
export type { SwapStrategy, SwapTarget, SwapTransport, TransportContext } from "./transport.ts";
export { type PagePort, zpools } from "./zpool/index.ts";
export {
  type CompressedSize,
  type ObjectCharge,
  type StoredPage,
  Zswap,
  type ZswapOptions,
} from "./zswap.ts";
