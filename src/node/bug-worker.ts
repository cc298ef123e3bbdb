import { type BugFile, runBug } from "../bugs/index.ts";
import { catalogue } from "../catalogue.ts";
import { serve } from "./serve.ts";

/** Runs known bugs. */
serve(
  (job: BugFile) => runBug(job, catalogue),
  ({ file }) => file,
);
