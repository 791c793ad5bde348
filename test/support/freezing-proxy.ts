import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server on this machine, and can let connections go dead without closing them. */
export class FreezingProxy {
  private readonly open = new Set<readonly [Socket, Socket]>();

  private constructor(private readonly server: Server) {}

  static async start(targetPort: number): Promise<FreezingProxy> {
    const server = createServer();
    const proxy = new FreezingProxy(server);
    server.on('connection', (client) => proxy.join(client, connect(targetPort, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Nothing passes the connections of this moment any more, in either direction; new ones work. */
  freeze(): void {
    for (const [client, target] of this.open) {
      for (const socket of [client, target]) socket.unpipe().pause();
    }
  }

  async stop(): Promise<void> {
    for (const pair of this.open) for (const socket of pair) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket, target: Socket): void {
    const pair = [client, target] as const;
    this.open.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {}); // 'close' follows.
      socket.on('close', () => {
        this.open.delete(pair);
        for (const end of pair) end.destroy();
      });
    }
    client.pipe(target).pipe(client);
  }
}
