import { catalogue } from "../catalogue.ts";
import { type CaseFile, runCase } from "../conform/index.ts";
import { serve } from "./serve.ts";

/** Runs conformance cases. */
serve(
  (job: CaseFile) => runCase(job, catalogue),
  ({ file }) => file,
);
