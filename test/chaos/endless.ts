import type { TaskClient } from '../../src/client/task-client';
import type { TaskKeys } from '../../src/task/keys';
import type { EndWatch } from './end-watch';
import { ENDLESS } from './kinds';
import type { Fault } from './plan';
import type { Starter } from './starter';

type Message = Extract<Fault, { readonly endless: number }>;

/** The tasks that run until they are stopped: they get the plan's messages, one after the other. */
export class EndlessTasks {
  private readonly ids: readonly string[];
  private readonly lines: Promise<void>[];

  constructor(
    count: number,
    private readonly client: TaskClient,
    private readonly starter: Starter,
    private readonly ends: EndWatch,
    private readonly publish: (channel: string, message: string) => Promise<unknown>,
    private readonly keys: TaskKeys,
  ) {
    this.ids = Array.from({ length: count }, (_, nth) => `endless-${nth}`);
    this.lines = this.ids.map(() => Promise.resolve());
  }

  async start(): Promise<void> {
    await Promise.all(this.ids.map((id) => this.starter.start(id, ENDLESS.task, {})));
  }

  /** What was stopped is started again. */
  tell({ kind, endless }: Message): Promise<void> {
    const id = this.ids[endless] as string;
    const line = (this.lines[endless] as Promise<void>).then(() => this.act(id, kind));
    this.lines[endless] = line.catch(() => {});
    return line;
  }

  /** Stops all of them; resolves when they have ended. */
  async stop(): Promise<void> {
    await Promise.all(this.lines);
    await Promise.all(this.ids.map((id) => this.stopOne(id)));
  }

  private async act(id: string, kind: Message['kind']): Promise<void> {
    const channel = this.keys.control(id);
    switch (kind) {
      case 'reload':
        await this.starter.insist(() => this.client.reload(id));
        break;
      case 'publish-reload':
        await this.starter.insist(() => this.publish(channel, 'reload'));
        break;
      case 'publish-stop':
        // Nobody may hear it; then it is stopped in the way that is not lost.
        await this.starter.insist(() => this.publish(channel, 'stop'));
        await this.stopOne(id);
        await this.starter.restart(id, ENDLESS.task, {});
        break;
      default:
        await this.stopOne(id);
        await this.starter.restart(id, ENDLESS.task, {});
    }
  }

  private async stopOne(id: string): Promise<void> {
    await this.starter.insist(() => this.client.stop(id));
    await this.ends.ended(id);
  }
}
