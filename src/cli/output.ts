import { styleText } from 'node:util';
import Table, { type HorizontalAlignment } from 'cli-table3';

/** What a column shows of a row, and how. */
export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string | number | undefined;
  /** `right` for numbers. */
  readonly align?: HorizontalAlignment;
}

type Style = Parameters<typeof styleText>[0];

/** Nothing around the cells and two spaces between them, so that `awk` and the eye can read it. */
const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;

/** Writes what a command has to say to standard output: for people, or with `--json` for programs. */
export class Output {
  constructor(
    private readonly stream: NodeJS.WriteStream,
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

  /** The one or the other. @param text What people read. */
  either(value: unknown, text: () => string): void {
    if (this.isJson) this.json(value);
    else this.line(text());
  }

  /** A table, or a line of JSON for each row. @param empty What people read where there are none. */
  rows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): void {
    if (this.isJson) for (const row of rows) this.json(row);
    else this.line(this.table(rows, columns, empty));
  }

  private table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): string {
    if (rows.length === 0) return this.paint('dim', empty);
    const table = new Table({
      head: columns.map(({ title }) => this.paint('bold', title)),
      colAligns: columns.map(({ align = 'left' }) => align),
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
      chars: NO_BORDERS,
    });
    for (const row of rows) table.push(columns.map(({ of }) => printable(String(of(row) ?? '-'))));
    return table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n');
  }

  paint(style: Style, text: string): string {
    return this.hasColors ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Names and texts come from strangers: a control character must not reach the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{FFFD}');
}
