import { type Actor, delay, NANOSECOND, PAGE_SIZE, type Pages } from "../engine/index.ts";
import type { Errno } from "../fs/index.ts";
import type { SwapSpace } from "./swap-space.ts";

/** The list of bad pages begins at byte 1536 of the header (union swap_header, include/linux/swap.h, 6.1). */
const LIST_OFFSET = 1536;
const WORD = 4;
/** Words of the list up to the signature (MAX_SWAP_BADPAGES), and up to the end of the page. */
const BAD_PAGES_MAX = 637;
const WORDS_TO_END = (PAGE_SIZE - LIST_OFFSET) / WORD;
/** Turning a word round: a load, a byte swap and a store of the running loop; an estimate. */
const SWAB_TIME = NANOSECOND;

/** The header page as mkswap writes it. */
export interface SwapHeader {
  readonly signature: "SWAPSPACE2" | "missing";
  readonly version: number;
  /** Number of the last usable page. */
  readonly lastPage: number;
  readonly badPages: readonly number[];
  /** How long the list is said to be; left out: as long as it is. */
  readonly badPageCount?: number;
  /** Written on a machine of the other byte order. */
  readonly otherByteOrder?: boolean;
}

/** What mkswap writes on a target of `pages` pages. */
export function makeSwap(pages: Pages): SwapHeader {
  return { signature: "SWAPSPACE2", version: 1, lastPage: pages - 1, badPages: [] };
}

/** What a header is read for. */
interface Target {
  readonly name: string;
  readonly header: SwapHeader;
  readonly targetPages: Pages;
  readonly file?: unknown;
}

interface Refusal {
  readonly errno: Errno;
  readonly message: string;
}

/** read_swap_header: what is wrong with the header, or how many slots it stands for. */
export function* readSwapHeader(space: SwapSpace, target: Target): Actor<Refusal | Pages> {
  const { header, targetPages } = target;
  const refuse = (message: string): Refusal => ({ errno: "EINVAL", message });
  const badPages = header.badPageCount ?? header.badPages.length;
  if (header.signature !== "SWAPSPACE2") return refuse("Unable to find swap-space signature");
  if (header.otherByteOrder) {
    if (badPages > BAD_PAGES_MAX && !space.rules.turnsListUnchecked) return refuse("too many bad pages");
    yield* turnRound(space, target.name, badPages);
  }
  if (header.version !== 1) return refuse(`Unable to handle swap header version ${header.version}`);
  if (header.lastPage < 1) return refuse("Empty swap-file");
  const slots = header.lastPage + 1;
  if (slots > targetPages) return refuse("Swap area shorter than signature indicates");
  if (badPages > 0 && target.file) return refuse("bad pages on a regular file");
  if (badPages > BAD_PAGES_MAX) return refuse("too many bad pages");
  return slots;
}

/** Turns the words of the list into the machine's byte order, in place; behind the page lie frames of somebody else. */
function* turnRound(space: SwapSpace, name: string, words: number): Actor {
  if (words > 0) yield delay("swab32s", words * SWAB_TIME);
  if (words > WORDS_TO_END) space.overruns.push({ name, bytes: (words - WORDS_TO_END) * WORD });
}
