import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { type Clock, within } from '../clock';
import { ConfigurationError } from '../errors';

/** What is being answered when the server closes may take so long. */
const LAST_ANSWERS_MS = 1_000;

/** Serves the routes at one address. */
export class MonitoringServer {
  private server: Server | undefined;

  constructor(
    private readonly routes: Hono,
    private readonly clock: Clock,
  ) {}

  /**
   * @param port 0 picks a free one.
   * @returns The URL of the server.
   * @throws {ConfigurationError} The address cannot be listened to.
   */
  async listen(host: string, port: number): Promise<string> {
    const server = createAdaptorServer({ fetch: this.routes.fetch }) as Server;
    server.listen(port, host);
    try {
      await once(server, 'listening');
    } catch (error) {
      throw unusable(host, port, error as NodeJS.ErrnoException);
    }
    this.server = server;
    const { address, family, port: taken } = server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
  }

  async close(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    if (!(await within(this.clock, closed, LAST_ANSWERS_MS))) server.closeAllConnections();
    await closed;
  }
}

function unusable(host: string, port: number, error: NodeJS.ErrnoException): ConfigurationError {
  const remedies: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another process has it. Give each process of a machine a port of its own, or 0 for any free one',
    EACCES: 'this user may not listen there. Give a port of 1024 or more',
    EADDRNOTAVAIL: 'this machine has no such address. Give monitoring.host an address of its own, or 0.0.0.0 for all',
    ENOTFOUND: 'nothing is known by this name. Give monitoring.host an address of this machine, or 0.0.0.0 for all',
  };
  const why = remedies[error.code ?? ''] ?? error.message;
  return new ConfigurationError(`monitoring.port is ${port}, at ${host}: ${why}.`, { cause: error });
}
