import type { Logger } from '../logger';

/** What an app has to put away when it closes: the last made goes first. */
export class Disposals {
  private readonly steps: (() => unknown)[] = [];
  /** A service may be known by two tokens. */
  private readonly services = new Set<object>();

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /** A service with a method `dispose`; any other needs no putting away. */
  addService(service: unknown): void {
    if (typeof service !== 'object' || service === null) return;
    const { dispose } = service as { dispose?: unknown };
    if (typeof dispose !== 'function' || this.services.has(service)) return;
    this.services.add(service);
    this.add(() => dispose.call(service));
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
