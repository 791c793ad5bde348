import type { Output } from './output';
import type { Column, TextTable } from './table';

/** So many rows of a table are laid out together. */
const ROWS_A_PART = 100;

/** Writes rows as they are found: as JSON each at once, as a table some at a time. No more than those are in memory. */
export class RowStream<Row> {
  private readonly table: TextTable<Row>;
  private pending: Row[] = [];
  private count = 0;

  constructor(
    private readonly output: Output,
    columns: readonly Column<Row>[],
  ) {
    this.table = output.table(columns);
  }

  get size(): number {
    return this.count;
  }

  async add(row: Row): Promise<void> {
    this.count += 1;
    if (this.output.isJson) this.output.json(row);
    else if (this.pending.push(row) === ROWS_A_PART) this.flush();
    await this.output.drained();
  }

  /** @param empty What people read where there was none. */
  end(empty: string): void {
    this.flush();
    if (this.count === 0 && !this.output.isJson) this.output.line(this.output.paint('dim', empty));
  }

  /** Writes what waits for others to come. */
  flush(): void {
    if (this.pending.length > 0) this.output.line(this.table.part(this.pending));
    this.pending = [];
  }
}
