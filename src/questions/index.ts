export { type Chapter, type Evidence, type Question, readBook } from "./book.ts";
export { brokenPremises, stepsText, tableRows, tableText } from "./table.ts";
