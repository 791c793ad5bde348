import { Presets, SingleBar } from 'cli-progress';

/** Shows on standard error how far the audit has come: standard output is for the tables. */
export interface ProgressView {
  update(done: number): void;
  close(): void;
}

export function showProgress(total: number): ProgressView {
  return process.stderr.isTTY ? new BarView(total) : new LinesView(total);
}

class BarView implements ProgressView {
  private readonly bar = new SingleBar(
    { format: '{bar} {percentage}% | {value} of {total} packages | {duration_formatted}', hideCursor: true },
    Presets.shades_classic,
  );

  constructor(total: number) {
    this.bar.start(total, 0);
  }

  update(done: number): void {
    this.bar.update(done);
  }

  close(): void {
    this.bar.stop();
  }
}

/** A line at each quarter: a log file is no place for a bar. */
class LinesView implements ProgressView {
  private quarters = 0;

  constructor(private readonly total: number) {}

  update(done: number): void {
    const quarters = Math.floor((4 * done) / this.total);
    if (quarters <= this.quarters) return;
    this.quarters = quarters;
    console.error(`${quarters * 25}%: ${done} of ${this.total} packages`);
  }

  close(): void {}
}
