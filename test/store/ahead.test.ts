import { ahead } from '../../src/store/redis/ahead';

/** Numbers from 1 on, with a note of what was asked for and that it ended. */
function source(notes: string[], failsAt = Number.POSITIVE_INFINITY): AsyncIterable<number> {
  return (async function* () {
    try {
      for (let n = 1; ; n++) {
        notes.push(`asked for ${n}`);
        if (n === failsAt) throw new Error(`no ${n}`);
        yield n;
      }
    } finally {
      notes.push('ended');
    }
  })();
}

test('the next is asked for while one is looked at', async () => {
  const notes: string[] = [];
  for await (const n of ahead(source(notes))) {
    notes.push(`got ${n}`);
    if (n === 2) break;
  }
  expect(notes).toEqual(['asked for 1', 'asked for 2', 'got 1', 'asked for 3', 'got 2', 'ended']);
});

test('a failure comes in its place, after what was there before', async () => {
  const got: number[] = [];
  const reading = (async () => {
    for await (const n of ahead(source([], 3))) got.push(n);
  })();
  await expect(reading).rejects.toThrow('no 3');
  expect(got).toEqual([1, 2]);
});

test('who leaves before a failure does not hear of it', async () => {
  const notes: string[] = [];
  for await (const n of ahead(source(notes, 2))) {
    notes.push(`got ${n}`);
    break;
  }
  expect(notes).toEqual(['asked for 1', 'asked for 2', 'ended', 'got 1']);
});
