import type { Registry } from 'prom-client';
import type { HealthBounds } from './health-check';

/** Where probes and scrapes are answered, read from the app's options. */
export interface MonitoringSettings extends HealthBounds {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Where the metrics go; undefined: into one of the app's own. */
  readonly registry: Registry | undefined;
}
