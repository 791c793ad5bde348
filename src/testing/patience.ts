import { setRealTimer, type Timer } from '../clock';

/** So much real time and no more. */
export class Patience {
  private over = false;
  private timer: Timer | undefined;

  constructor(private readonly longestMs: number) {}

  get isOver(): boolean {
    return this.over;
  }

  /** A second call does nothing. */
  begin(): void {
    this.timer ??= setRealTimer(() => {
      this.over = true;
    }, this.longestMs);
  }

  end(): void {
    this.timer?.cancel();
  }
}

/** Resolves a little later, in real time. */
export function moment(): Promise<void> {
  return new Promise((resolve) => void setRealTimer(resolve, 1));
}
