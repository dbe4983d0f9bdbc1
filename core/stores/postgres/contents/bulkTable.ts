import type { Queryable, Statement } from "../database";

export interface BulkColumn<T> {
  readonly name: string;
  readonly type: "text" | "bigint" | "numeric" | "boolean" | "json" | "bytea";
  readonly of: (row: T) => unknown;
}

/** Few enough that a statement is gone before the young generation is collected: of five thousand each, copying took a third longer, in collections. */
const ROWS_AT_ONCE = 300;
/** Of what columns of JSON and bytes hold. */
const SIZE_AT_ONCE = 8_000_000;

const sizeOf = (value: unknown): number => (typeof value === "string" || Buffer.isBuffer(value) ? value.length : 0);

/** Lets the server work at one statement while the next one is put together. */
export class OneAhead {
  #running: Promise<unknown> = Promise.resolve();

  constructor(private readonly on: Queryable) {}

  /** Resolves, without rows, when the statement before this one is done. @throws what that one met */
  async rows<R>(statement: Statement): Promise<R[]> {
    const before = this.#running;
    this.#running = this.on.rows(statement);
    // Told to whoever comes next.
    this.#running.catch(() => undefined);
    await before;
    return [];
  }

  async done(): Promise<void> {
    await this.#running;
  }
}

/** Rows of one table on their way, thousands in a statement, in the order in which they were added. */
export class BulkTable<T> {
  #columns: unknown[][];
  #size = 0;
  #rows = 0;
  readonly #text: string;

  constructor(private readonly on: OneAhead, readonly table: string, private readonly columns: readonly BulkColumn<T>[]) {
    const names = columns.map(({ name }) => name).join(", ");
    const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(", ");
    this.#text = `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays})`;
    this.#columns = columns.map(() => []);
  }

  /** Resolves when there is room for more. */
  async add(row: T): Promise<void> {
    for (const [index, { of, type }] of this.columns.entries()) {
      const value = of(row);
      this.#columns[index]?.push(value);
      if (type === "json" || type === "bytea") this.#size += sizeOf(value);
    }
    this.#rows += 1;
    if (this.#rows >= ROWS_AT_ONCE || this.#size >= SIZE_AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#rows === 0) return;
    const values = this.#columns;
    this.#columns = this.columns.map(() => []);
    this.#rows = this.#size = 0;
    await this.on.rows({ name: `fill-${this.table}`, text: this.#text, values });
  }
}
