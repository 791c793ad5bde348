import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as PromQl from '@prometheus-io/lezer-promql' with { 'resolution-mode': 'import' };
import { parseAllDocuments } from 'yaml';
import { resolveOptions } from '../../src/app/options';
import { Task } from '../../src/decorators/task';
import { LIVE_PATH, METRICS_PATH, READY_PATH } from '../../src/monitoring/routes';
import { Stage } from '../app/stage';

@Task('quick')
class Quick {
  start(): void {}
}

// Its types know of `import` alone.
const { parser } = require('@prometheus-io/lezer-promql') as typeof PromQl;

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly timeoutSeconds: number;
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

const read = (name: string) => readFileSync(join(__dirname, '../../deploy', name), 'utf8');

function yamlOf<T>(name: string): T[] {
  return parseAllDocuments(read(name)).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as T;
  });
}

/** How long a worker with the default options may take to leave: see docs/guides/deployment.md. */
function longestLeaveSeconds(): number {
  const { graceMs, stopTimeoutMs } = resolveOptions({ tasks: [Quick], store: 'memory' }).worker;
  return (graceMs + 5 * stopTimeoutMs + 5_000) / 1_000;
}

/** The metrics that a query names. */
function metricsOf(query: string): string[] {
  // Grafana's own: an interval, which no Prometheus knows.
  const text = query.replaceAll('$__rate_interval', '5m');
  const names: string[] = [];
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`No PromQL: ${text.slice(0, node.from)} HERE ${text.slice(node.from)}`);
      if (node.name === 'VectorSelector') names.push(/^\w+/.exec(text.slice(node.from, node.to))?.[0] ?? text);
    },
  });
  return names;
}

describe('the files for a deployment', () => {
  const stage = Stage.use();

  /** Every name that a scrape has, with those of histograms as they are queried. */
  async function scrapedNames(): Promise<ReadonlySet<string>> {
    const app = await stage().app({ tasks: [Quick], worker: { heartbeatInterval: 10 }, monitoring: { port: 0 } });
    await (await app.client.start(Quick)).result({ timeout: '5s' });
    const text = await (await fetch(`${app.monitoringUrl}${METRICS_PATH}`)).text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => [name, type] as const);
    const parts = ['_bucket', '_sum', '_count'];
    return new Set(types.flatMap(([name, type]) => (type === 'histogram' ? parts.map((part) => name + part) : [name])));
  }

  test('a query that is no PromQL would be found', () => {
    expect(() => metricsOf('sum(rate(taskwarden_ready[5m])')).toThrow('No PromQL');
  });

  test('each alert asks for metrics that are there', async () => {
    const [{ groups } = { groups: [] }] = yamlOf<{
      groups: { rules: { alert: string; expr: string; annotations: { summary: string; description: string } }[] }[];
    }>('prometheus-alerts.yml');
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(10);
    const names = await scrapedNames();
    for (const { alert, expr, annotations } of rules) {
      expect([alert, metricsOf(expr).filter((name) => !names.has(name))]).toEqual([alert, []]);
      expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
    }
  });

  test('each panel of the dashboard asks for metrics that are there, and each metric is on it or in an alert', async () => {
    const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
      panels: { title: string; type: string; targets?: { expr: string }[] }[];
      templating: { list: { query: string | { query: string } }[] };
    };
    const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const variables = dashboard.templating.list.map(({ query }) => (typeof query === 'string' ? query : query.query));
    const ofVariables = variables.flatMap((query) => /label_values\((\w+)/.exec(query)?.[1] ?? []);
    expect(ofVariables).toHaveLength(3);
    const asked = new Set([...queries.flatMap(metricsOf), ...ofVariables]);
    const names = await scrapedNames();
    expect([...asked].filter((name) => !names.has(name))).toEqual([]);
    expect([...names].filter((name) => !asked.has(name))).toEqual([
      'taskwarden_wait_seconds_sum',
      'taskwarden_wait_seconds_count',
    ]);
  });

  test('the guide has a line on each metric', async () => {
    const guide = readFileSync(join(__dirname, '../../docs/guides/monitoring.md'), 'utf8');
    const listed = [...guide.matchAll(/^\| `(taskwarden_\w+)`/gm)].map(([, name = '']) => name);
    const bare = new Set([...(await scrapedNames())].map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    expect(listed.sort()).toEqual([...bare].sort());
  });

  test('Kubernetes probes what is served, and waits for longer than an answer takes', () => {
    const [deployment] = yamlOf<Record<string, never>>('kubernetes.yml') as unknown as {
      spec: {
        template: {
          metadata: { annotations: Record<string, string> };
          spec: {
            terminationGracePeriodSeconds: number;
            containers: Record<'startupProbe' | 'livenessProbe' | 'readinessProbe', Probe>[] &
              { ports: { name: string; containerPort: number }[] }[];
          };
        };
      };
    }[];
    const { metadata, spec } = deployment?.spec.template ?? fail();
    const [container] = spec.containers;
    const { startupProbe, livenessProbe, readinessProbe, ports } = container ?? fail();
    expect(startupProbe.httpGet.path).toBe(LIVE_PATH);
    expect(livenessProbe.httpGet.path).toBe(LIVE_PATH);
    expect(readinessProbe.httpGet.path).toBe(READY_PATH);
    expect(metadata.annotations['prometheus.io/path']).toBe(METRICS_PATH);
    expect(metadata.annotations['prometheus.io/port']).toBe(String(ports[0]?.containerPort));
    const settings = resolveOptions({ store: 'memory', monitoring: { port: 0 } }).monitoring ?? fail();
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
      expect(probe.httpGet.port).toBe(ports[0]?.name);
      expect(probe.timeoutSeconds * 1_000).toBeGreaterThan(settings.redisTimeoutMs);
    }
    expect(spec.terminationGracePeriodSeconds).toBe(longestLeaveSeconds());
  });

  test('systemd waits for as long as a worker may take to leave', () => {
    expect(read('taskwarden-worker.service')).toContain(`\nTimeoutStopSec=${longestLeaveSeconds()}\n`);
  });
});

function fail(): never {
  throw new Error('There is none.');
}
