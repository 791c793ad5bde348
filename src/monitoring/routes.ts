import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import type { Logger } from '../logger';
import type { HealthCheck, HealthFacts, Verdict } from './health-check';

export const LIVE_PATH = '/health/live';
export const READY_PATH = '/health/ready';
export const METRICS_PATH = '/metrics';

const PATHS = `${LIVE_PATH}, ${READY_PATH} and ${METRICS_PATH}`;

/** What is answered to probes and scrapes. */
export function monitoringRoutes(check: HealthCheck, registry: Registry, logger: Logger): Hono {
  const routes = new Hono();
  const probe = (path: string, judge: (facts: HealthFacts) => Verdict) =>
    // A HEAD is answered as a GET, without the body.
    routes.get(path, async (context) => {
      const facts = await check.facts();
      const { ok, because } = judge(facts);
      const answer = { status: ok ? 'ok' : 'failing', because, ...facts };
      return context.json(answer, ok ? 200 : 503, { 'cache-control': 'no-store' });
    });
  probe(LIVE_PATH, (facts) => check.liveness(facts));
  probe(READY_PATH, (facts) => check.readiness(facts));
  routes.get(METRICS_PATH, async (context) =>
    context.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  );
  for (const path of [LIVE_PATH, READY_PATH, METRICS_PATH]) {
    routes.all(path, (context) => context.text(`${path} answers GET and HEAD only.\n`, 405, { allow: 'GET, HEAD' }));
  }
  routes.notFound((context) => context.text(`Nothing is here. There are ${PATHS}.\n`, 404));
  routes.onError((error, context) => {
    logger.error({ err: error, path: context.req.path }, 'A probe or scrape could not be answered');
    return context.text('This could not be answered; the log of the app says why.\n', 500);
  });
  return routes;
}
