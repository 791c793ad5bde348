/** One line of standard error that is written over and over, on a terminal alone. */
export class StatusLine {
  private isShown = false;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  show(text: string): void {
    if (!this.stream.isTTY) return;
    this.isShown = true;
    // A line that the terminal breaks could not be taken back.
    this.stream.write(`\r\x1b[2K${text.slice(0, (this.stream.columns || 80) - 1)}`);
  }

  clear(): void {
    if (this.isShown) this.stream.write('\r\x1b[2K');
    this.isShown = false;
  }
}
