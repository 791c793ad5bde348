import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { GuardedProcess } from './guarded-process';
import { leftovers } from './leftovers';

const HOST = '127.0.0.1';
const BUS_OFFSET = 10_000;
const ATTEMPTS = 20;
const READY = /Ready to accept connections|Sentinel ID is/;

export interface RedisOptions {
  /** Keeps an append-only file: the data survive `restart`. Without it a restart comes back empty. */
  readonly appendOnly?: boolean;
  /** More lines of redis.conf, such as `maxmemory 2mb`. */
  readonly settings?: readonly string[];
  readonly role?: 'server' | 'cluster-node' | 'sentinel';
}

/** One redis-server process of ours, on a loopback port of its own. */
export class RedisServer {
  readonly host = HOST;

  private constructor(
    readonly port: number,
    /** Its configuration and data; gone after `stop`. */
    readonly folder: string,
    private readonly role: RedisOptions['role'],
    private process: GuardedProcess,
  ) {
    leftovers.add(this);
  }

  static async start(options: RedisOptions = {}): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'taskwarden-redis-'));
    try {
      for (let attempt = 1; ; attempt++) {
        const port = await freePort(options.role === 'cluster-node');
        await writeFile(join(folder, 'redis.conf'), configuration(port, folder, options));
        try {
          return new RedisServer(port, folder, options.role, await launch(folder, options.role));
        } catch (error) {
          // Between our asking for a port and Redis's binding it, another process may have taken it.
          if (attempt === ATTEMPTS || !String(error).includes('Address already in use')) throw error;
        }
      }
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  /** The process's id; another one after `restart`. `process.kill(pid, 'SIGSTOP')` makes a Redis that hangs. */
  get pid(): number {
    return this.process.pid;
  }

  get log(): readonly string[] {
    return this.process.lines;
  }

  /** A new connection without retries; whoever asks for it closes it. */
  connect(): Redis {
    return new Redis({ host: this.host, port: this.port, retryStrategy: () => null, disconnectTimeout: 100 });
  }

  /** Ends the process at once, as a crash does; `revive` brings it back. */
  async crash(): Promise<void> {
    await this.process.stop();
  }

  /** Starts it again, on the same port and over the same files. */
  async revive(): Promise<void> {
    if (!this.process.isRunning) this.process = await launch(this.folder, this.role);
  }

  async restart(): Promise<void> {
    await this.crash();
    await this.revive();
  }

  async stop(): Promise<void> {
    await this.process.stop();
    await rm(this.folder, { recursive: true, force: true });
    leftovers.delete(this);
  }
}

/** A single Redis. What a test does not stop itself is stopped after the last test of its file. */
export function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  return RedisServer.start(options);
}

/** Starts all at once; when one fails, the others are stopped. */
export async function startEach(options: readonly RedisOptions[]): Promise<RedisServer[]> {
  const outcomes = await Promise.allSettled(options.map((each) => RedisServer.start(each)));
  const servers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return servers;
  await stopEach(servers);
  throw failed.reason;
}

export async function stopEach(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}

async function launch(folder: string, role: RedisOptions['role']): Promise<GuardedProcess> {
  const command = process.env.REDIS_SERVER ?? 'redis-server';
  const args = [join(folder, 'redis.conf'), ...(role === 'sentinel' ? ['--sentinel'] : [])];
  const server = await GuardedProcess.start(command, args);
  try {
    await server.waitForLine(READY);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function configuration(port: number, folder: string, { appendOnly, role, settings = [] }: RedisOptions): string {
  const lines = [`bind ${HOST}`, `port ${port}`, `dir "${folder}"`];
  if (role !== 'sentinel') lines.push('save ""', `appendonly ${appendOnly ? 'yes' : 'no'}`);
  if (role === 'cluster-node') lines.push('cluster-enabled yes', 'cluster-config-file nodes.conf');
  return `${[...lines, ...settings].join('\n')}\n`;
}

/** A port the system holds free just now; for a cluster node the port of its bus is free too. */
async function freePort(withBus: boolean): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS * 5; attempt++) {
    const port = await listenBriefly(0);
    if (port === undefined) continue;
    if (!withBus) return port;
    if (port + BUS_OFFSET < 65_536 && (await listenBriefly(port + BUS_OFFSET)) !== undefined) return port;
  }
  throw new Error('The system has no free loopback port');
}

function listenBriefly(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
