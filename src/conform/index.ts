export { type CaseFile, type CaseOutcome, runCase } from "./case.ts";
export { conformDocument } from "./document.ts";
export { galleryPage } from "./gallery.ts";
export { junitXml } from "./junit.ts";
export { type LeftOut, readLeftOut } from "./left-out.ts";
export { conformReport } from "./report.ts";
export { repeatedRows, type Suite } from "./suite.ts";
