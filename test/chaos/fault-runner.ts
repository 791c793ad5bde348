import { setTimeout as pause } from 'node:timers/promises';
import type { FaultProxy } from '../../src/testing';
import type { RedisServer } from '../support/redis-server';
import type { EndlessTasks } from './endless';
import type { Fleet } from './fleet';
import type { Period } from './judge';
import { describeFault, type Fault } from './plan';

/** After so long at the latest every client has tried to connect again. */
const NOTICED_MS = 1_500;

/** Lets the faults of a plan happen at their times. */
export class FaultRunner {
  readonly redisAway: Period[] = [];
  begun = 0;
  /** What has happened so far, and when by the wall clock. */
  readonly log: { readonly atMs: number; readonly text: string }[] = [];
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly plan: readonly Fault[],
    private readonly fleet: Fleet,
    private readonly redis: RedisServer,
    private readonly clientProxy: FaultProxy,
    private readonly endless: EndlessTasks,
  ) {}

  /** Resolves when the last one is over. */
  async run(signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    for (const fault of this.plan) {
      await pause(Math.max(0, startedMs + fault.atMs - performance.now()), undefined, { signal });
      this.begun += 1;
      this.log.push({ atMs: Date.now(), text: describeFault(fault) });
      const effect = this.apply(fault).catch((error: unknown) => {
        throw new Error(`The fault "${describeFault(fault)}" failed`, { cause: error });
      });
      this.underWay.add(effect);
      effect.then(
        () => this.underWay.delete(effect),
        () => {}, // Left in the set: whoever waits for all of them has the error.
      );
    }
    await Promise.all(this.underWay);
  }

  private async apply(fault: Fault): Promise<void> {
    const { fleet } = this;
    switch (fault.kind) {
      case 'kill':
        return fleet.kill(fault.worker, fault.ms);
      case 'leave':
        return fleet.leave(fault.worker, fault.ms);
      case 'pause':
        return fleet.suspend(fault.worker, fault.ms);
      case 'cut':
        return fleet.proxy(fault.worker).cut();
      case 'cut-all':
        for (const proxy of [...fleet.proxies, this.clientProxy]) proxy.cut();
        return;
      case 'cut-before':
      case 'cut-after':
        return this.cutAtCall(fault.kind, fault.worker, fault.callsBefore);
      case 'redis-restart':
        return this.restartRedis(fault.ms);
      case 'refuse':
      case 'freeze':
      case 'slow':
        return this.disturb(fleet.proxy(fault.worker), fault);
      default:
        return this.endless.tell(fault);
    }
  }

  private async disturb(
    proxy: FaultProxy,
    fault: Extract<Fault, { readonly kind: 'slow' }> | Extract<Fault, { readonly kind: 'refuse' | 'freeze' }>,
  ): Promise<void> {
    if (fault.kind === 'slow') proxy.slow(fault.delayMs);
    else if (fault.kind === 'freeze') proxy.freeze();
    else {
      proxy.refuse();
      proxy.cut();
    }
    await pause(fault.ms);
    if (fault.kind === 'slow') proxy.slow(0);
    else if (fault.kind === 'freeze') proxy.thaw();
    else proxy.accept();
  }

  /** Of a script: only those write several keys, and leave something half done when they are cut off. */
  private cutAtCall(kind: 'cut-before' | 'cut-after', worker: number | 'client', callsBefore: number): void {
    const proxy = worker === 'client' ? this.clientProxy : this.fleet.proxy(worker);
    let left = callsBefore;
    proxy.onCommand(({ script }) => {
      if (script === undefined) return undefined;
      left -= 1;
      if (left >= 0) return undefined;
      proxy.onCommand();
      return kind;
    });
  }

  private async restartRedis(ms: number): Promise<void> {
    const fromMs = Date.now();
    await this.redis.crash();
    await pause(ms);
    await this.redis.revive();
    this.log.push({ atMs: Date.now(), text: `${ms} ms later: Redis is back` });
    this.redisAway.push({ fromMs, toMs: Date.now() + NOTICED_MS });
  }
}
