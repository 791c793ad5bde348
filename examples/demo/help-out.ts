import { once } from 'node:events';
import { OnEvent } from 'taskwarden';
import { AuditPackage } from './audit-package.task';
import { createDemoApp } from './demo-app';
import { count } from './tables';

const over = new AbortController();

/** An audit removes its reporter when it is done, or interrupted. */
class AuditEnd {
  @OnEvent('audit-reporter:remove')
  onRemove(): void {
    over.abort();
  }
}

/** Works for an audit of another process until that is over. @param interrupted Ends it sooner. */
export async function helpOut(redis: string, interrupted: AbortSignal): Promise<void> {
  let audited = 0;
  const app = await createDemoApp({
    tasks: [AuditPackage],
    listeners: [AuditEnd],
    middleware: [
      async (task, next) => {
        const report = await next();
        if (!task.local) audited += 1;
        return report;
      },
    ],
    redis,
  });
  try {
    await app.start();
    console.log('Ready to help with an audit, until it is over; Ctrl-C ends it sooner');
    const either = AbortSignal.any([over.signal, interrupted]);
    if (!either.aborted) await once(either, 'abort');
  } finally {
    await app.close();
  }
  console.log(`This worker audited ${count(audited, 'package')}`);
  interrupted.throwIfAborted();
}
