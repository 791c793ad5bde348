import type { Registry } from 'prom-client';
import { ConfigurationError } from '../errors';
import type { MonitoringSettings } from '../monitoring/monitoring-settings';
import type { Duration } from '../task/duration';
import { checkKeys, keysOf } from '../task/option-keys';
import { shown } from '../task/shown';
import type { WorkerSettings } from '../worker/worker-settings';
import { MONITOR_KEYS } from './monitor-options';
import { positive } from './option-numbers';

export interface MonitoringOptions {
  /** Where health and metrics are served; 0: any free port, which `app.monitoringUrl` tells. */
  readonly port: number;
  /**
   * Default 127.0.0.1, as anybody who can reach it may read the names of tasks and queues, and what fails. `0.0.0.0` for probes and scrapes from
   * other machines, and in Kubernetes.
   */
  readonly host?: string;
  /** A registry of prom-client for the metrics, which may hold others too. Default: one of this app's own. */
  readonly registry?: Registry;
  /** Without an answer of Redis within that time the app is not ready. Default 1s. */
  readonly redisTimeout?: Duration;
  /**
   * A worker whose loops did not come round for so long, although Redis answers, is not alive. Three heartbeats and 15s at least.
   * Default 2 x `taskTimeout`, or 30s, or three heartbeats, whichever is longest.
   */
  readonly stuckAfter?: Duration;
}

export const MONITORING_KEYS = keysOf<MonitoringOptions>({
  port: true,
  host: true,
  registry: true,
  redisTimeout: true,
  stuckAfter: true,
});

const LEAST_STUCK_MS = 30_000;
/** A worker takes, or tells that it is alive, once a heartbeat at least, and an idle one each 2 seconds: so many may be late. */
const ROUNDS = 3;
const LONGEST_ROUND_MS = 5_000;

/** @throws {ConfigurationError} An unknown option, or a value that is not acceptable. */
export function resolveMonitoring(
  given: MonitoringOptions | false | undefined,
  { leaseMs, heartbeatMs }: WorkerSettings,
): MonitoringSettings | undefined {
  if (given === undefined || given === false) return undefined;
  checkKeys('monitoring', given, MONITORING_KEYS, { monitor: MONITOR_KEYS });
  const { port, host = '127.0.0.1', registry, redisTimeout = '1s' } = given;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ConfigurationError(`monitoring.port is ${shown(port)}: give a port such as 9464, or 0 for any free one.`);
  }
  if (typeof host !== 'string' || host === '') {
    throw new ConfigurationError(
      `monitoring.host is ${shown(host)}: give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all.`,
    );
  }
  // Not `instanceof`: the user's prom-client may be another copy.
  if (registry !== undefined && typeof registry?.registerMetric !== 'function') {
    throw new ConfigurationError('monitoring.registry must be a Registry of prom-client.');
  }
  const takesWithinMs = ROUNDS * Math.max(heartbeatMs, LONGEST_ROUND_MS);
  const stuckAfterMs = positive(
    given.stuckAfter ?? Math.max(2 * leaseMs, LEAST_STUCK_MS, takesWithinMs),
    'monitoring.stuckAfter',
  );
  // Between two rounds a healthy worker would be taken for a stuck one, and be killed.
  if (stuckAfterMs < takesWithinMs) {
    throw new ConfigurationError(
      `monitoring.stuckAfter is ${shown(given.stuckAfter)}: the loops of a healthy worker may take ${takesWithinMs} ms, three heartbeats and 15 s at least. ` +
        'Give that or more, or leave it out.',
    );
  }
  return {
    host,
    port,
    registry,
    redisTimeoutMs: positive(redisTimeout, 'monitoring.redisTimeout'),
    stuckAfterMs,
    takesWithinMs,
  };
}
