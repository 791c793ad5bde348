import { PassThrough } from 'node:stream';
import { LiveLines } from '../../src/cli/output/live-lines';
import { Output } from '../../src/cli/output/output';
import { eventually } from '../support/eventually';

/** A reader that reads when it is asked to, and lines of which ten wait for it at most. */
function slowReader() {
  const pipe = new PassThrough({ highWaterMark: 10 });
  const output = new Output(pipe as never, false, false);
  const told: string[] = [];
  const lines = new LiveLines(output, 10, (text) => told.push(text));
  const add = (count: number) => {
    for (let n = 0; n < count; n += 1) lines.add(() => output.line(`line ${n}`));
  };
  return { pipe, lines, told, add };
}

test('what a slow reader has not taken waits, and is there in its order', async () => {
  const { pipe, lines, told, add } = slowReader();
  add(10);
  const read = pipe.setEncoding('utf8').toArray();
  await lines.written();
  pipe.end();
  expect((await read).join('').split('\n').filter(Boolean)).toEqual(Array.from({ length: 10 }, (_, n) => `line ${n}`));
  expect(told).toEqual([]);
});

test('beyond that it is dropped, and how much is told once the reader has caught up', async () => {
  const { pipe, lines, told, add } = slowReader();
  add(1_000);
  expect(told).toEqual(['events come faster than they are read: some are dropped']);
  const texts: string[] = [];
  pipe.setEncoding('utf8').on('data', (text) => texts.push(text));
  await lines.written();
  const written = texts.join('').split('\n').filter(Boolean).length;
  expect(written).toBeLessThan(20);
  expect(told[1]).toBe(`${1_000 - written} events were dropped`);
  add(1);
  await eventually(async () => expect(texts.join('').endsWith('line 0\n')).toBe(true));
});

test('what nobody has read at the end is told as well', () => {
  const { lines, told, add } = slowReader();
  add(1_000);
  lines.tellDropped();
  lines.tellDropped();
  expect(told.slice(1)).toEqual([expect.stringMatching(/^9\d\d events were dropped$/)]);
});
