import { type App, createApp, type TaskClient } from '../../src';

/** A client beside the commands, for what a test does before or after them: in this process, so at once. */
export function useClient(redis: () => { readonly url: string }): () => TaskClient {
  let app: App | undefined;
  beforeAll(async () => {
    app = await createApp({ redis: redis().url, worker: false, logger: false });
  });
  afterAll(() => app?.close());
  return () => (app as App).client;
}
