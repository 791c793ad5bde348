import { setTimeout as pause } from 'node:timers/promises';
import { type App, TaskFailedError, type TaskHandle } from 'taskwarden';
import { AuditPackage, type PackageReport } from './audit-package.task';
import { createDemoApp } from './demo-app';
import { findPackages } from './packages';
import { type ProgressView, showProgress } from './progress-view';
import { Reporter, Tally } from './reporter.task';
import { type Audited, count, drawTables, drawTotals } from './tables';

const SETTLE_MS = 2_000;

interface Started {
  readonly folder: string;
  readonly handle: TaskHandle<PackageReport>;
}

/**
 * Audits the packages in a folder tree and prints what it found.
 * @param interrupted Its reason is thrown once all is put away.
 */
export async function audit(root: string, redis: string | undefined, interrupted: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  const { folders, unreadable } = await findPackages(root, interrupted);
  if (folders.length === 0) {
    console.log(`No packages in ${root}: a package is a folder with a package.json.`);
    return;
  }
  const tally = new Tally(folders.length);
  const providers = [{ provide: Tally, useValue: tally }];
  const app = await createDemoApp({ tasks: [AuditPackage, Reporter], providers, redis });
  try {
    greet(root, folders.length, redis);
    await unlessAborted(app.start(), interrupted);
    const view = showProgress(tally.total);
    const reports = await auditEach(app, folders, tally, view, interrupted).finally(() => view.close());
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    const audited = [...reports, ...unreadable.map((folder) => ({ folder, failure: 'the folder cannot be read' }))];
    console.log(`\n${drawTables(audited, root)}\n\n${drawTotals(reports)} in ${seconds} s`);
  } finally {
    if (redis !== undefined) await untilSettled(app);
    await app.close();
  }
}

function greet(root: string, packages: number, redis: string | undefined): void {
  const url = redis === undefined ? undefined : new URL(redis);
  const where = url ? `Redis at ${url.host}` : 'the embedded store';
  console.log(`Auditing ${count(packages, 'package')} in ${root}, on ${where}`);
  if (!url) return;
  if (url.password !== '') url.password = '***';
  console.log(`To help, in another terminal: REDIS_URL=${url.href} npm run demo -- --worker`);
}

async function auditEach(
  app: App,
  folders: readonly string[],
  tally: Tally,
  view: ProgressView,
  interrupted: AbortSignal,
): Promise<Audited[]> {
  const reporterId = await unlessAborted(app.startLocal(Reporter), interrupted);
  const shown = showUntilRemoved(app, reporterId, view);
  const started = await Promise.all(
    folders.map(async (folder) => ({ folder, handle: await app.client.start(AuditPackage, { folder }) })),
  );
  const audited = Promise.all(started.map((one) => outcome(one, tally)));
  try {
    const all = await unlessAborted(audited, interrupted);
    view.update(tally.done);
    return all;
  } catch (error) {
    // What still waits would be run by whoever comes next. Where Redis is away, nothing can be done about it.
    await Promise.allSettled([...started.map(({ handle }) => handle.remove()), audited]);
    throw error;
  } finally {
    await app.client.remove(reporterId);
    await shown;
  }
}

async function showUntilRemoved(app: App, reporterId: string, view: ProgressView): Promise<void> {
  for await (const { event, data } of app.client.watch(reporterId)) if (event === 'progress') view.update(Number(data));
}

async function outcome({ folder, handle }: Started, tally: Tally): Promise<Audited> {
  try {
    return { folder, report: await handle.result() };
  } catch (error) {
    if (!(error instanceof TaskFailedError)) throw error;
    return { folder, failure: error.output.split('\n')[0] ?? error.state };
  } finally {
    tally.done += 1;
  }
}

/** What is awaited, or the signal's reason, thrown: a worker waits for a Redis that is away as long as it takes. */
function unlessAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([awaited, aborted]);
}

/** Ended tasks get their retention, and the places of removed ones are used up: nothing stays on the Redis for good. */
async function untilSettled(app: App): Promise<void> {
  const endsMs = performance.now() + SETTLE_MS;
  const isSettled = async () => {
    const { waiting, ended } = await app.client.counts();
    return waiting + ended === 0;
  };
  // Another audit may keep the queue busy; and where Redis is away there is nothing to wait for.
  while (performance.now() < endsMs && !(await isSettled().catch(() => true))) await pause(50);
}
