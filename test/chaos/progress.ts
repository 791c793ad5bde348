/** Says every so often how far it is: each second in place on a terminal, else a line every five. */
export class Progress {
  private timer: NodeJS.Timeout | undefined;
  private readonly startedMs = performance.now();

  constructor(private readonly output: NodeJS.WriteStream) {}

  start(tell: () => string): void {
    const { output } = this;
    const line = () => `${Math.round((performance.now() - this.startedMs) / 1_000)} s: ${tell()}`;
    const show = () => output.write(output.isTTY ? `\r\x1b[2K${line()}` : `${line()}\n`);
    this.timer = setInterval(show, output.isTTY ? 1_000 : 5_000);
  }

  stop(): void {
    clearInterval(this.timer);
    if (this.output.isTTY) this.output.write('\r\x1b[2K');
  }
}
