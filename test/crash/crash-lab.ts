import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { App } from '../../src/app/app';
import { createApp } from '../../src/app/create-app';
import type { AppOptions } from '../../src/app/options';
import type { Provider } from '../../src/app/provider';
import { deferred } from '../../src/deferred';
import { TaskKeys, type WireNames } from '../../src/task/keys';
import { eventually } from '../support/eventually';
import { expectPlacesClean } from '../support/expect-places-clean';
import type { RedisServer } from '../support/redis-server';
import { LIMITED_TASKS, ROLE, type Role, type Scenario, TASKS } from './scenarios';

/** How long a dead worker's tasks wait for the monitor. */
const LEASE_MS = 1_000;
const DEADLINE_MS = 15_000;
const ENDS = new Set(['success', 'error', 'exception', 'stop', 'remove']);

/** How the doomed worker reaches Redis, and what breaks there. */
export interface Breaker {
  /** What the doomed app has beside the options of every app here. */
  readonly options: Partial<AppOptions>;
  /** Resolves when the fault has struck. In a rehearsal none does. */
  readonly struck: Promise<void> | 'rehearsal';
  /** Whether the worker is dead by then; else it has lost a connection, and goes on. */
  readonly kills: boolean;
  /** From now on nothing of a dead worker settles or reaches Redis; in a rehearsal, the worker has done its part. */
  readonly bury: () => void | Promise<void>;
  /** Gives up what the breaker itself has open, once the worker is closed. */
  readonly close: () => Promise<void>;
}

/** One life of a task on a Redis that others use too. */
export class CrashLab {
  readonly names: WireNames;
  readonly keys: TaskKeys;
  private readonly id = 'a';
  private readonly told: string[] = [];
  private readonly open: App[] = [];

  private constructor(
    private readonly server: RedisServer,
    private readonly connection: Redis,
    private readonly listening: Redis,
    private readonly scenario: Scenario,
  ) {
    const prefix = `${randomUUID()}-`;
    this.names = {
      taskPrefix: `${prefix}task-`,
      taskSet: `${prefix}tasks`,
      newQueue: `${prefix}new-task`,
      endQueue: `${prefix}end-task`,
    };
    this.keys = new TaskKeys(this.names);
  }

  /**
   * Lives a task through, with a worker that breaks on the way, and a second one that comes after it.
   * @throws What is not as it should be in the end.
   */
  static async live(
    server: RedisServer,
    scenario: Scenario,
    makeBreaker: (names: WireNames) => Breaker | Promise<Breaker>,
  ): Promise<void> {
    const connection = new Redis(server.url);
    const listening = new Redis(server.url);
    const lab = new CrashLab(server, connection, listening, scenario);
    const breaker = await makeBreaker(lab.names);
    try {
      await lab.run(scenario, breaker);
    } finally {
      await Promise.all(lab.open.map((app) => app.close()));
      await breaker.close();
      connection.disconnect();
      listening.disconnect();
    }
  }

  private async run(scenario: Scenario, breaker: Breaker): Promise<void> {
    this.listening.on('message', (_channel: string, text: string) => this.told.push(JSON.parse(text).event));
    await this.listening.subscribe(this.keys.task(this.id));
    const { client } = await this.app({ worker: false });
    await scenario.prepare(client, this.id);
    const doomed = await this.doomed(breaker);
    const struck = breaker.struck === 'rehearsal' ? new Promise<void>(() => {}) : breaker.struck;
    let hasStruck = false;
    void struck.then(() => {
      hasStruck = true;
    });
    const begun = async () => hasStruck || expect(['RUNNING', 'SUCCESS']).toContain(await this.state());
    const untilBegun = async () => void (await eventually(begun, DEADLINE_MS));
    const acted = Promise.resolve(scenario.act?.({ client, doomed, untilBegun }, this.id));
    // What was asked for is asked for; only a dead worker never leaves.
    await (scenario.leaves ? Promise.race([acted, struck]) : acted);
    if (breaker.struck === 'rehearsal') await this.untilDone(scenario);
    // Of what a worker does while it is told to leave, it may do less than in the rehearsal.
    else await within('the fault strikes', scenario.leaves ? Promise.race([struck, acted.then(() => {})]) : struck);
    if (breaker.kills || breaker.struck === 'rehearsal') await breaker.bury();
    if (breaker.struck === 'rehearsal') await doomed.close();
    // Nothing of a dead one reaches Redis: what its closing waits for takes no time of the others.
    const buried = breaker.kills ? doomed.close() : undefined;
    const rescuer = await this.rescuer();
    if (scenario.afterwards) {
      if (!breaker.kills) await doomed.close();
      await this.untilState(scenario.afterwards.after);
      await expectPlacesClean(this.server.url, this.keys, DEADLINE_MS);
      await scenario.afterwards.act(client, this.id);
    }
    await this.untilState(scenario.state);
    await expectPlacesClean(this.server.url, this.keys, DEADLINE_MS);
    await rescuer.close();
    await (buried ?? doomed.close());
    await expectPlacesClean(this.server.url, this.keys, DEADLINE_MS);
    expect(this.told.filter((event) => ENDS.has(event))).toEqual(scenario.ends);
    expect(await this.state()).toBe(scenario.state);
    if (scenario.output !== undefined) expect(await this.field('output')).toBe(scenario.output);
  }

  /** The first worker has done all of its part. */
  private async untilDone(scenario: Scenario): Promise<void> {
    if (scenario.leaves) return;
    await this.untilState(scenario.afterwards?.after ?? scenario.state);
    await eventually(async () => {
      const places = await this.connection.keys(`{${this.names.newQueue}*}:inbox:*`);
      const queues = [undefined, 'mail'].map((name) => this.keys.queue(name));
      const waiting = await Promise.all(queues.map((queue) => this.connection.lrange(queue, 0, -1)));
      expect([...places, ...waiting.flat()]).toEqual([]);
      expect(await this.connection.zcard(this.keys.leases)).toBe(0);
    }, DEADLINE_MS);
  }

  private async doomed(breaker: Breaker): Promise<App> {
    const { providers = [], ...options } = breaker.options;
    const unsupervised = { monitor: false, cleanup: false, scheduler: false } as const;
    const app = await createApp({
      ...this.options(),
      ...unsupervised,
      ...options,
      providers: [role('doomed'), ...providers],
    });
    app.start().catch(() => {}); // It dies, or is closed, while it starts.
    return app;
  }

  private async rescuer(): Promise<App> {
    const app = await this.app({
      providers: [role('rescuer')],
      monitor: { interval: 100 },
      cleanup: { interval: 100 },
    });
    await app.start();
    return app;
  }

  private options(): AppOptions {
    return {
      tasks: this.scenario.limited ? LIMITED_TASKS : TASKS,
      names: this.names,
      logger: false,
      redis: this.server.url,
      taskTimeout: LEASE_MS,
      worker: {
        ...(this.scenario.mail && { queues: ['default', 'mail'] }),
        heartbeatInterval: LEASE_MS / 4,
        grace: 0,
        stopTimeout: 500,
      },
    };
  }

  private async app(options: Partial<AppOptions>): Promise<App> {
    const app = await createApp({ ...this.options(), ...options });
    this.open.push(app);
    return app;
  }

  private field(name: string): Promise<string | null> {
    return this.connection.hget(this.keys.task(this.id), name);
  }

  private async state(): Promise<string> {
    return (await this.field('state')) ?? 'gone';
  }

  private async untilState(state: string): Promise<void> {
    await eventually(async () => expect(await this.state()).toBe(state), DEADLINE_MS);
  }
}

function role(value: Role): Provider {
  return { provide: ROLE, useValue: value };
}

async function within(what: string, happens: Promise<void>): Promise<void> {
  const late = deferred();
  const timer = setTimeout(late.resolve, DEADLINE_MS);
  const happened = await Promise.race([happens.then(() => true), late.promise.then(() => false)]);
  clearTimeout(timer);
  if (!happened) throw new Error(`Not in time: ${what}.`);
}
