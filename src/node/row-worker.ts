import { type MeasuredMachine, runRow } from "../validate/index.ts";
import { serve } from "./serve.ts";

/** Simulates measured rows. */
serve((machine: MeasuredMachine) => runRow(machine));
