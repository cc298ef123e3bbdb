type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Makes an element. Strings become text nodes, so nothing in a result is ever read as markup. */
export function h(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElement {
  const element = document.createElement(tag);
  return fill(element, attributes, children);
}

/** The same for SVG. */
export function svg(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): SVGElement {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** A table with a head; the first cell of each row is its label. */
export function table(head: readonly string[], rows: readonly (readonly (Node | string)[])[]): HTMLElement {
  const headCells = head.map((text) => h("th", { scope: "col" }, text));
  const body = rows.map(([label, ...cells]) =>
    h("tr", {}, h("th", { scope: "row" }, label), ...cells.map((cell) => h("td", {}, cell))),
  );
  return h(
    "div",
    { class: "scroll" },
    h("table", {}, h("thead", {}, h("tr", {}, ...headCells)), h("tbody", {}, ...body)),
  );
}

/** Something with a heading. */
export function section(title: string, ...children: readonly Child[]): HTMLElement {
  return h("section", {}, h("h3", {}, title), ...children);
}
