import { createTestApp, type TestAppOptions } from '../../src/testing/create-test-app';
import type { TestApp } from '../../src/testing/test-app';

/** Makes test apps that are closed after each test. */
export function useTestApps(): (options?: TestAppOptions) => Promise<TestApp> {
  const apps: TestApp[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });
  return async (options) => {
    const app = await createTestApp(options);
    apps.push(app);
    return app;
  };
}
