import { setRealTimer, type Timer } from '../clock';

/** Those of all apps that are set here: they are no work of an app. */
let timersSet = 0;

export function ownTimers(): number {
  return timersSet;
}

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
    this.timer ??= setOwnTimer(() => {
      this.over = true;
    }, this.longestMs);
  }

  end(): void {
    this.timer?.cancel();
  }
}

/** Resolves a little later, in real time. */
export function moment(): Promise<void> {
  return new Promise((resolve) => void setOwnTimer(resolve, 1));
}

function setOwnTimer(callback: () => void, delayMs: number): Timer {
  let isSet = true;
  timersSet += 1;
  const unset = () => {
    if (isSet) timersSet -= 1;
    isSet = false;
  };
  const timer = setRealTimer(() => {
    unset();
    callback();
  }, delayMs);
  return {
    cancel: () => {
      unset();
      timer.cancel();
    },
  };
}
