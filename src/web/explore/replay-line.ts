import { h, section } from "../dom.ts";

/** The command that repeats the run, with a button that copies it. */
export function replayLine(line: string): HTMLElement {
  const code = h("code", {}, `pagestorm replay '${line}'`);
  const button = h("button", { type: "button", class: "copy" }, "copy");
  const said = h("span", { class: "note", role: "status" });
  button.addEventListener("click", () => {
    copy(code.textContent ?? "").then(
      () => {
        said.textContent = "copied";
      },
      () => {
        getSelection()?.selectAllChildren(code);
        said.textContent = "selected: copy it with the keyboard";
      },
    );
  });
  return section("Repeat it", h("pre", { class: "replay" }, code), h("p", {}, button, " ", said));
}

/** A browser may forbid it to a page from a file. */
async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
