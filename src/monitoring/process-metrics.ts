import { Gauge, type Registry } from 'prom-client';
import type { HealthCheck, HealthFacts } from './health-check';

interface Fact {
  readonly name: string;
  readonly help: string;
  /** Null: there is nothing to tell. */
  readonly of: (facts: HealthFacts, check: HealthCheck) => number | null;
}

const seconds = (ms: number | null) => (ms === null ? null : ms / 1_000);

const FACTS: readonly Fact[] = [
  {
    name: 'ready',
    help: '1 while /health/ready answers 200.',
    of: (facts, check) => Number(check.readiness(facts).ok),
  },
  {
    name: 'redis_up',
    help: '1 while Redis answers in time.',
    of: ({ redisRoundTripMs }) => Number(redisRoundTripMs !== null),
  },
  {
    name: 'redis_round_trip_seconds',
    help: 'How long Redis took to answer a small command during the scrape.',
    of: ({ redisRoundTripMs }) => seconds(redisRoundTripMs),
  },
  {
    name: 'last_take_age_seconds',
    help: 'Since Redis last answered a take of this worker.',
    of: ({ lastTakeAgeMs }) => seconds(lastTakeAgeMs),
  },
  {
    name: 'last_heartbeat_age_seconds',
    help: 'Since all leases of this worker were last renewed.',
    of: ({ lastHeartbeatAgeMs }) => seconds(lastHeartbeatAgeMs),
  },
  {
    name: 'event_loop_lag_seconds',
    help: 'How late the event loop came round at the worst, in the last 30 to 60 seconds.',
    of: ({ eventLoopLagMs }) => seconds(eventLoopLagMs),
  },
  {
    name: 'event_loop_lag_p99_seconds',
    help: 'How late the event loop came round at most in 99 of 100 samples, in the last 30 to 60 seconds.',
    of: (_, check) => seconds(check.loopLag.p99Ms),
  },
];

/** Tells the facts of the health check as metrics: asked for once a scrape. */
export function addProcessMetrics(registry: Registry, check: HealthCheck, concurrency: number | undefined): void {
  let asked: Promise<HealthFacts> | undefined;
  // All gauges of a scrape are collected in one turn of the event loop.
  const facts = () => {
    asked ??= check.facts().finally(() => {
      asked = undefined;
    });
    return asked;
  };
  for (const { name, help, of } of FACTS) {
    new Gauge({
      name: `taskwarden_${name}`,
      help,
      registers: [registry],
      async collect() {
        const value = of(await facts(), check);
        if (value === null) this.remove({});
        else this.set(value);
      },
    });
  }
  new Gauge({
    name: 'taskwarden_problem',
    help: '1 for each part of the app that does not work just now.',
    labelNames: ['part'],
    registers: [registry],
    async collect() {
      const { problems } = await facts();
      this.reset();
      for (const { part } of problems) this.set({ part }, 1);
    },
  });
  if (concurrency === undefined) return;
  new Gauge({
    name: 'taskwarden_worker_concurrency',
    help: 'Runs that this worker may have at a time.',
    registers: [registry],
  }).set(concurrency);
}
