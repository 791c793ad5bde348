/**
 * Starts a server before the tests of this file (or `describe`) and stops it after them, however they end.
 * @example const redis = useServer(() => startRedis()); // in a test: redis().url
 */
export function useServer<Server extends { stop(): Promise<unknown> }>(start: () => Promise<Server>): () => Server {
  let server: Server | undefined;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    await server?.stop();
  });
  return () => {
    if (server === undefined)
      throw new Error('The server runs inside tests and hooks only, not while they are declared.');
    return server;
  };
}
