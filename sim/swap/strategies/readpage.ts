import type { ParameterDeclaration, ParameterDeclarations } from "../../engine/index.ts";
import { SeriesTransport, seriesOptions } from "../series-transport.ts";
import type { SwapStrategy } from "../transport.ts";
import { seriesParameters } from "./series-parameters.ts";

const { patch4, patch5, stall } = seriesParameters;

/** v1 is always of that era. */
function withoutEra(
  given: Readonly<Record<string, ParameterDeclaration | undefined>>,
): ParameterDeclarations {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, declaration]) => {
      if (!declaration) return [];
      const { onlyWith: _era, ...rest } = declaration;
      return [[name, rest]];
    }),
  );
}

/** Interface v1 of the 2014 series: page-outs like v2, page-ins through the path of the page cache. */
export const readpage: SwapStrategy = {
  name: "readpage",
  summary: "readpage in, direct_IO out, one page at a time as in Linux 3.18; extents may move.",
  source: "btrfs swap file series v1, 17 November 2014; swap over NFS from 3.6 to 5.18",
  targets: "file",
  parameters: withoutEra({ patch4, patch5, stall }),
  wantsCowFile: () => false,
  open: (context, options) => new SeriesTransport(context, seriesOptions("v1", options)),
};
