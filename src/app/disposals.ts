import type { Logger } from '../logger';

/** What an app has to put away when it closes: the last made goes first. */
export class Disposals {
  private readonly steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /** A service with a method `dispose`; any other needs no putting away. */
  addService(service: unknown): void {
    if (typeof service !== 'object' || service === null) return;
    const { dispose } = service as { dispose?: unknown };
    if (typeof dispose === 'function') this.add(() => dispose.call(service));
  }

  /** One that fails is logged, and the others follow. */
  async run(logger: Logger): Promise<void> {
    for (let step = this.steps.pop(); step; step = this.steps.pop()) {
      try {
        await step();
      } catch (error) {
        logger.error({ err: error }, 'A service could not be disposed');
      }
    }
  }
}
