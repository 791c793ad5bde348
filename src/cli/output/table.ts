import Table, { type HorizontalAlignment } from 'cli-table3';
import { printable } from './printable';

/** What a column shows of a row, and how. */
export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string | number | undefined;
  /** `right` for numbers. */
  readonly align?: HorizontalAlignment;
}

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

/** A table for people, which may be written part by part: a column never gets narrower. */
export class TextTable<Row> {
  private widths: readonly number[] | undefined;

  /** @param paintTitle Colours a title, or leaves it as it is. */
  constructor(
    private readonly columns: readonly Column<Row>[],
    private readonly paintTitle: (title: string) => string,
  ) {}

  /** The next rows, with the titles above the first of all. */
  part(rows: readonly Row[]): string {
    const former = this.widths;
    const titles = former ? [] : this.columns.map(({ title }) => this.paintTitle(title));
    const cells = rows.map((row) => this.columns.map(({ of }) => printable(String(of(row) ?? '-'))));
    const free = this.render(titles, cells);
    this.widths = former ? free.widths.map((width, at) => Math.max(width, former[at] ?? 0)) : free.widths;
    const text = former ? this.render(titles, cells, this.widths).text : free.text;
    return text
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n');
  }

  private render(titles: string[], cells: readonly string[][], widths: readonly number[] = []) {
    const table = new Table({
      head: titles,
      colWidths: [...widths],
      colAligns: this.columns.map(({ align = 'left' }) => align),
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
      chars: NO_BORDERS,
    });
    table.push(...cells);
    const text = table.toString();
    // What was left open has been filled in by now.
    return { text, widths: table.options.colWidths as readonly number[] };
  }
}
