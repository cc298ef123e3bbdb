import type { ParameterDeclarations } from "../../engine/index.ts";

const onlyWith = { parameter: "era", value: "2014" } as const;

function patch(meaning: string): ParameterDeclarations[string] {
  return { type: "boolean", default: true, onlyWith, meaning };
}

/** Options of the 2014 era: each patch can be left out. */
export const seriesParameters: ParameterDeclarations = {
  patch1: patch("era 2014: generic direct I/O does not mark pages dirty that the kernel reads for itself"),
  patch2: patch("era 2014: direct I/O of NFS does not either"),
  patch3: patch("era 2014: a swapped page is read with direct_IO instead of readpage"),
  patch4: patch("era 2014: chattr leaves NOCOW and COMPRESS of an active swap file alone"),
  patch5: patch("era 2014: btrfs has swap_activate"),
  stall: {
    type: "duration",
    default: 0,
    min: 0,
    onlyWith,
    meaning: "era 2014: time a page-out loses after it has tested that balance is not at work",
  },
};
