import { createApp } from '../../src/app/create-app';
import { Task } from '../../src/decorators/task';
import { TaskKeys } from '../../src/task/keys';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { parseCommands, readAppendOnlyFile, traceOf } from './append-only-file';
import { PLAIN_PUSHES, readTimelines } from './timeline';

@Task('quick')
class Quick {
  start(): string {
    return 'done';
  }
}

/** As Redis writes it. */
const written = (...commands: readonly (readonly string[])[]) =>
  commands.map(
    (parts) => `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`,
  );

describe('the append-only file', () => {
  test('is read command by command, times and an unfinished last one left out', () => {
    const [first = '', second = ''] = written(['set', 'ä', 'one\r\ntwo'], ['DEL', 'a']);
    const bytes = Buffer.from(`#TS:1795519356\r\n${first}${second}${first.slice(0, -8)}`);
    expect([...parseCommands(bytes)]).toEqual([
      ['SET', 'ä', 'one\r\ntwo'],
      ['DEL', 'a'],
    ]);
  });

  const redis = useServer(() => startRedis({ appendOnly: true, settings: ['appendfsync always'] }));

  test('tells what happened to a task, over a crash of Redis and with ends that the hash has forgotten', async () => {
    const app = await createApp({ redis: redis().url, tasks: [Quick], logger: false });
    await app.start();
    const handle = await app.client.start(Quick, {}, { id: 'a' });
    await handle.result({ timeout: '5s' });
    await handle.restart();
    await handle.result({ timeout: '5s' });
    await app.close();
    const raw = redis().connect();
    await raw.hset('task-b', { task: 'quick' });
    await raw.multi().rpush(PLAIN_PUSHES, 'b').lpush('new-task', 'b').exec();
    raw.disconnect();
    await redis().restart();
    const commands = [...readAppendOnlyFile(redis().folder)];
    const timelines = readTimelines(commands, new TaskKeys(), PLAIN_PUSHES);
    const told = (id: string) =>
      timelines.get(id)?.map((entry) => (entry.what === 'wanted' ? `wanted by ${entry.by}` : entry.what));
    expect(told('a')).toEqual(['wanted by start', 'begun', 'ended', 'wanted by restart', 'begun', 'ended']);
    expect(told('b')).toEqual(['wanted by push']);
    expect(timelines.get('a')?.[2]).toMatchObject({ state: 'SUCCESS', output: '"done"', atMs: expect.any(Number) });
    expect(traceOf(commands, 'b', 'task-b').map(({ text }) => text)).toEqual([
      'HSET task-b task quick',
      'RPUSH chaos:plain b',
      'LPUSH new-task b',
    ]);
  });
});
