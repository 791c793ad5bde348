import { clearScreenDown, moveCursor } from 'node:readline';

const BEGIN = '\x1b[?25l\x1b[?7l';
const END = '\x1b[?25h\x1b[?7h';
/** Where a terminal does not tell its height. */
const ROWS = 24;

/** Some lines of a terminal that are written over and over; the cursor is hidden, and long lines are cut off, until `end`. */
export class LiveScreen {
  private height: number | undefined;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  draw(text: string): void {
    if (this.height === undefined) this.stream.write(BEGIN);
    else moveCursor(this.stream, 0, -this.height);
    // What has left the screen at its top could not be written over.
    const lines = text.split('\n').slice(0, (this.stream.rows || ROWS) - 1);
    this.height = lines.length;
    clearScreenDown(this.stream);
    this.stream.write(`${lines.join('\n')}\n`);
  }

  /** What was drawn last stays. */
  end(): void {
    if (this.height !== undefined) this.stream.write(END);
    this.height = undefined;
  }
}
