import { catalogue } from "../catalogue.ts";
import { measureRace, type RaceFile } from "../explore/index.ts";
import { serve } from "./serve.ts";

/** Measures what it takes to find races. */
serve((race: RaceFile) => measureRace(race, catalogue));
