import { type App, type AppOptions, createApp, createLogger } from 'taskwarden';

/** An app as both the audit and its helpers have it. @throws {TaskwardenError} Redis does not answer. */
export async function createDemoApp(options: AppOptions): Promise<App> {
  const app = await createApp({
    // Names of the demo's own: on a Redis in use it touches nobody else's tasks.
    names: {
      taskPrefix: 'audit-demo-task-',
      taskSet: 'audit-demo-tasks',
      newQueue: 'audit-demo-new',
      endQueue: 'audit-demo-end',
    },
    // So few at a time that other workers get their share.
    worker: { concurrency: 16, grace: '2s', stopTimeout: '1s' },
    cleanup: { interval: 100, retention: '1m' },
    // What concerns the user is said in a line of our own.
    logger: createLogger('error'),
    ...options,
  });
  try {
    // Fails at once where Redis is away; a worker would wait for it.
    await app.client.counts();
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}
