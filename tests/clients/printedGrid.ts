import { CELLS, isOffered, type Cell } from "./cells";
import type { MatrixClient } from "./matrixClient";

type Sides = "directly" | "through the gateway";

/** What came of each cell, for whoever reads the run. */
export class PrintedGrid {
  private readonly outcomes = new Map<string, boolean>();

  constructor(private readonly clients: readonly MatrixClient[]) {}

  /** Runs one side of a cell, and keeps whether it passed. */
  async run(client: MatrixClient, cell: Cell, side: Sides, work: () => Promise<void>): Promise<void> {
    const key = keyOf(client, cell, side);
    this.outcomes.set(key, false);
    await work();
    this.outcomes.set(key, true);
  }

  /** One line a client; `pass` is directly and through the gateway. */
  print(): string {
    const rows = [["client", ...CELLS], ...this.clients.map((client) => [client.name.replaceAll("`", ""), ...CELLS.map((cell) => this.wordOf(client, cell))])];
    const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
    const lines = rows.map((row) => row.map((word, column) => word.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
    const passed = rows.flat().filter((word) => word === "pass").length;
    return `\n${lines.join("\n")}\n\n${passed} cells pass. N/A¹: the library has no such call. N/A²: the call is that of the library's first row.\n`;
  }

  private wordOf(client: MatrixClient, cell: Cell): string {
    if (!isOffered(client, cell)) return client.protocol === "responses" ? "N/A²" : "N/A¹";
    const [direct, through] = (["directly", "through the gateway"] as const).map((side) => this.outcomes.get(keyOf(client, cell, side)));
    if (direct === undefined && through === undefined) return "not run";
    if (!direct) return "fails directly";
    return through ? "pass" : "FAIL";
  }
}

const keyOf = (client: MatrixClient, cell: Cell, side: Sides): string => `${client.name}\n${cell}\n${side}`;
