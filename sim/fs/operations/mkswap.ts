import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { numberOf, type Operation, pathOf, textOf } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "text", meaning: "the file, or /dev/ and the name of a device" },
  pages: {
    type: "integer",
    optional: true,
    min: 1,
    meaning: "pages that the header stands for; left out: as many as the target has",
  },
  broken: {
    type: "choice",
    choices: ["signature", "version", "empty", "bad pages", "page size", "byte order", "bad page count"],
    optional: true,
    meaning: "what is wrong with the header, on purpose; bad page count: a million, in the other byte order",
  },
};

/** Writes a swap header. */
export const mkswap: Operation = {
  name: "mkswap",
  summary: "Writes the header of a swap area into the first page of a file or device.",
  source: "mkswap(8), util-linux",
  parameters,
  *run({ swap }, given, _id) {
    const args = withDefaults(parameters, given);
    const pages = numberOf(args, "pages");
    const broken = textOf(args, "broken");
    return yield* swap.mkswap(pathOf(args), {
      ...(pages === undefined ? {} : { pages }),
      ...(broken === undefined ? {} : { broken }),
    });
  },
};
