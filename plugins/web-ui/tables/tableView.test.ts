import { expect } from "chai";
import { tableView, type TableDefinition } from "./tableView";

interface Row {
  readonly name: string;
  readonly size: number;
}

const TABLE: TableDefinition<Row> = {
  id: "t", caption: "Things", sort: "size", pageSize: 10, empty: "Nothing.",
  columns: [
    { key: "name", label: "Name", value: ({ name }) => name, cell: ({ name }) => ({ kind: "text", text: name }) },
    { key: "size", label: "Size", numeric: true, value: ({ size }) => size, cell: ({ size }) => ({ kind: "number", value: size }) },
  ],
};

// Many are of one size: their order is that in which they came.
const ROWS = Array.from({ length: 257 }, (_, index): Row => ({ name: `thing-${index}`, size: (index * 7_919) % 23 }));

function namesOf(address: string): string[] {
  const { rows } = tableView(TABLE, ROWS, new URLSearchParams(address), "/things") as { rows: { cells: { text: string }[] }[] };
  return rows.map(({ cells: [first] }) => first?.text ?? "");
}

describe("a table of pages", () => {
  it("shows on all its pages together what sorting all rows gives, up and down, ties in their order", () => {
    for (const [sort, sign] of [["size", 1], ["-size", -1]] as const) {
      const pages = Array.from({ length: 26 }, (_, index) => namesOf(`t-sort=${sort}&t-page=${index + 1}`)).flat();
      expect(pages).to.deep.equal([...ROWS].sort((a, b) => sign * (a.size - b.size)).map(({ name }) => name));
    }
  });

  it("marks the cells that show a dash, which stacked rows leave out", () => {
    const table: TableDefinition<readonly [number | undefined, number]> = {
      id: "t", caption: "Things", sort: "", empty: "Nothing.",
      columns: [
        { key: "count", label: "Count", cell: ([count]) => ({ kind: "number", value: count }) },
        { key: "used", label: "Last used", cell: ([, at]) => ({ kind: "time", value: at }) },
        { key: "text", label: "Text", cell: ([count]) => ({ kind: "text", text: count === undefined ? "–" : "some" }) },
      ],
    };
    const { rows } = tableView(table, [[undefined, 0], [0, 1]], new URLSearchParams(), "/things") as { rows: { cells: { blank: boolean }[] }[] };
    expect(rows.map(({ cells }) => cells.map(({ blank }) => blank))).to.deep.equal([[true, true, true], [false, false, false]]);
  });

  it("compares numbers in names as numbers", () => {
    expect(namesOf("t-sort=name").slice(0, 3)).to.deep.equal(["thing-0", "thing-1", "thing-2"]);
    expect(namesOf("t-sort=-name")[0]).to.equal("thing-256");
  });

  it("stays within its pages, and shows nothing twice, whatever the address asks", () => {
    expect(namesOf("t-page=9999")).to.have.length(7);
    for (const page of ["-1", "0", "x", "NaN", "1e999"]) expect(namesOf(`t-page=${page}`).length, page).to.be.within(1, 10);
  });
});
