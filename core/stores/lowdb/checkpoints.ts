import path from "node:path";
import type { Low } from "lowdb";
import { StoreRefused } from "../../errors/storeErrors";
import type { Books } from "../shared/books";
import { checkpointAdapter, type Checkpoint } from "./checkpointAdapter";
import type { FilePort } from "./filePort";
import { dayName, monthOfName } from "../shared/rollups";
import type { RollupRow } from "../shared/rollupTable";
import { allSheets, DAY_FILE, dayOfFile, daySheet, fixedSheets, MONTH_FILE, monthOfFile, monthSheet, ROLLUPS, type Sheet } from "./sheets";

/** A line of meta.json: through which change a file speaks for its sheet. */
interface MetaRow {
  readonly file: string;
  readonly through: number;
}

const META = "meta";

/**
 * The lowdb files of a data folder. meta.json comes last of a checkpoint: it says which files there are, and that those not
 * written again are still true.
 */
export class Checkpoints {
  #through = new Map<string, number>();
  /** Files of days from before months were summed. */
  #daysWithoutMonths: readonly string[] = [];

  private constructor(
    private readonly files: FilePort, private readonly folder: string, private readonly books: Books,
    private readonly low: typeof Low, private readonly journalDurable: () => Promise<void>,
  ) {}

  static async create(files: FilePort, folder: string, books: Books, journalDurable: () => Promise<void>): Promise<Checkpoints> {
    // lowdb is an ES module, which CommonJS output can only import at run time.
    const { Low } = await import("lowdb");
    await files.makeFolder(path.join(folder, ROLLUPS));
    return new Checkpoints(files, folder, books, Low, journalDurable);
  }

  /** Everything up to here is in the files. */
  get safe(): number {
    return this.#through.size === 0 ? 0 : Math.min(...this.#through.values());
  }

  /**
   * Reads all files into the empty books. The journal is to be replayed from where the last whole checkpoint began: what came
   * after it may be in some files and not in others (a day's file may be yet to be made), and rows know what they hold.
   */
  async load(): Promise<{ readonly from: number; readonly reach: number }> {
    const meta = new Map<string, number>();
    const low = this.#low(META, false);
    await low.read();
    for (const row of low.data.rows) meta.set((row as MetaRow).file, (row as MetaRow).through);
    const sheets = fixedSheets(this.books);
    const names = await this.files.list(path.join(this.folder, ROLLUPS));
    const dayFiles = names.filter((name) => DAY_FILE.test(name));
    const monthFiles = names.filter((name) => MONTH_FILE.test(name));
    for (const name of dayFiles) {
      const day = dayOfFile(name, dayFiles);
      if (day !== undefined) sheets.push(daySheet(this.books, day));
    }
    for (const name of monthFiles) {
      const month = monthOfFile(name, monthFiles);
      if (month !== undefined) sheets.push(monthSheet(this.books, month));
    }
    const named = (pattern: RegExp) => [...meta.keys()].some((file) => pattern.test(`${path.basename(file)}.json`));
    if (named(DAY_FILE) && !named(MONTH_FILE)) this.#daysWithoutMonths = dayFiles;
    const found = new Set<string>();
    const from = Math.max(0, low.data.through);
    let reach = from;
    for (const sheet of sheets) {
      const through = await this.#load(sheet);
      if (through === undefined) continue;
      found.add(sheet.name);
      this.#through.set(sheet.name, Math.max(through, meta.get(sheet.name) ?? 0));
      reach = Math.max(reach, through);
    }
    for (const name of meta.keys()) if (!found.has(name)) throw this.#missing(name);
    return { from, reach };
  }

  /** Sums the months of a folder that has only days, once its journal was replayed into the days. */
  async sumMonths(): Promise<void> {
    if (this.#daysWithoutMonths.length === 0) return;
    const { rollups, seq } = this.books;
    rollups.months.clear();
    const book = (day: string, row: RollupRow) => rollups.month(monthOfName(day))?.load(row, seq);
    for (const [day, table] of rollups.days) for (const row of table.rows()) book(dayName(day), row);
    const inMemory = new Set([...rollups.days.keys()].map((day) => `${dayName(day)}.json`));
    for (const name of this.#daysWithoutMonths.filter((file) => !inMemory.has(file))) {
      const low = this.#low(`${ROLLUPS}/${name.slice(0, -".json".length)}`, true);
      await low.read();
      for (const row of low.data.rows) book(name, row as RollupRow);
    }
  }

  async #load(sheet: Sheet): Promise<number | undefined> {
    const low = this.#low(sheet.name, sheet.amounts);
    await low.read();
    if (low.data.through < 0) return undefined;
    for (const row of low.data.rows) sheet.load(row);
    return low.data.through;
  }

  /** Writes each sheet that changed, then meta.json. The event loop turns between the pieces. */
  async write(): Promise<void> {
    const begun = this.books.seq;
    const next = new Map<string, number>();
    for (const sheet of allSheets(this.books)) {
      const written = this.#through.get(sheet.name);
      if (written !== undefined && sheet.changed() <= written) {
        next.set(sheet.name, begun);
        continue;
      }
      const through = this.books.seq;
      await this.#put(sheet.name, through, sheet.rows());
      next.set(sheet.name, through);
    }
    await this.#put(META, begun, [...next].map(([file, through]): MetaRow => ({ file, through })));
    this.#through = next;
  }

  async #put(name: string, through: number, rows: Iterable<unknown>): Promise<void> {
    const low = this.#low(name, false);
    low.data = { through, rows };
    await low.write();
  }

  #low(name: string, amounts: boolean): Low<Checkpoint> {
    const adapter = checkpointAdapter({
      files: this.files, file: path.join(this.folder, `${name}.json`), amounts, journalDurable: this.journalDurable,
    });
    return new this.low<Checkpoint>(adapter, { through: -1, rows: [] });
  }

  #missing(name: string): StoreRefused {
    return new StoreRefused(
      `${path.join(this.folder, `${name}.json`)} is missing, though meta.json names it.\nRestore the last backup into an empty ` +
        "folder (`lumen restore`), or move all *.json files and rollups/ out of the data folder and start again: they are " +
        "rebuilt from the journal and the archive.",
    );
  }
}
