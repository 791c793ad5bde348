import { styleText } from 'node:util';
import { type Column, TextTable } from './table';

type Style = Parameters<typeof styleText>[0];

/** Writes what a command has to say to standard output: for people, or with `--json` for programs. */
export class Output {
  constructor(
    readonly stream: NodeJS.WriteStream,
    /** JSON was asked for: one value a line, and nothing else. */
    readonly isJson: boolean,
    /** Codes of colours reach a terminal only, and none where NO_COLOR or --no-color says so. */
    private readonly hasColors: boolean,
  ) {}

  /** Whether a person looks at it as it is written. */
  get isTerminal(): boolean {
    return this.stream.isTTY === true;
  }

  line(text: string): void {
    this.stream.write(`${text}\n`);
  }

  /** One line of JSON. */
  json(value: unknown): void {
    this.line(JSON.stringify(value));
  }

  /** Whether what is written now stays in memory, until whoever reads has caught up. */
  get isFull(): boolean {
    return this.stream.writableNeedDrain;
  }

  /** Resolves once whoever reads has caught up. */
  async drained(): Promise<void> {
    if (this.isFull) await new Promise((resolve) => this.stream.once('drain', resolve));
  }

  /** The one or the other. @param text What people read. */
  either(value: unknown, text: () => string): void {
    if (this.isJson) this.json(value);
    else this.line(text());
  }

  /** A table, or a line of JSON for each row. @param empty What people read where there are none. */
  rows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): void {
    if (this.isJson) for (const row of rows) this.json(row);
    else this.line(rows.length === 0 ? this.paint('dim', empty) : this.table(columns).part(rows));
  }

  /** A table for people. */
  table<Row>(columns: readonly Column<Row>[]): TextTable<Row> {
    return new TextTable(columns, (title) => this.paint('bold', title));
  }

  paint(style: Style, text: string): string {
    return this.hasColors ? styleText(style, text, { validateStream: false }) : text;
  }
}
