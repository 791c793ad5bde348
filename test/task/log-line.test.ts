import { decodeLogLines, encodeLogLine, MOST_LINE_BYTES, type TaskLogLine } from '../../src/task/log-line';

function lineOf(part: Partial<TaskLogLine> = {}): TaskLogLine {
  return { timeMs: 7, level: 'info', message: 'Probed', attempt: 1, fields: {}, ...part };
}

/** As it is told after it was stored. */
function stored(part: Partial<TaskLogLine>): TaskLogLine {
  return decodeLogLines([encodeLogLine(lineOf(part))])[0] as TaskLogLine;
}

describe('a line of the log of a task', () => {
  test('is JSON in one line, its own fields first', () => {
    const text = encodeLogLine(lineOf({ message: 'two\nlines', fields: { url: 'x\ny' } }));
    expect(text).toBe('{"time":7,"level":"info","msg":"two\\nlines","attempt":1,"url":"x\\ny"}');
  });

  test('is told as it was logged', () => {
    const line = lineOf({ level: 'warn', attempt: 3, fields: { status: 200, list: [1, { a: null }], toString: 'x' } });
    expect(stored(line)).toEqual(line);
  });

  test('tells the error that it carries, and what caused it', () => {
    const err = new TypeError('no answer', { cause: new Error('refused') });
    const told = { type: 'TypeError', message: 'no answer: refused', stack: expect.stringContaining('cause') };
    expect(stored({ fields: { err } }).fields).toEqual({ err: told });
    expect(stored({ fields: { why: err } }).fields).toEqual({ why: told });
  });

  test('keeps its own time, level, message and attempt, whatever is logged under these names', () => {
    const fields = { time: 'noon', level: 'high', msg: 'hers', attempt: 'third' };
    expect(stored({ fields })).toEqual(lineOf());
  });

  test('tells of what is binary how long it is: each byte would be a number', () => {
    const body = Buffer.alloc(5_000_000);
    expect(stored({ fields: { body, part: { body } } }).fields).toMatchObject({ body: '<5000000 bytes>' });
  });

  test('of very many values has the first, and is made as fast as any', () => {
    const list = Array.from({ length: 200_000 }, (_, place) => place);
    const object = Object.fromEntries(list.map((place) => [`key${place}`, place]));
    expect(encodeLogLine(lineOf({ fields: { list, object, last: 1 } })).length).toBeLessThanOrEqual(MOST_LINE_BYTES);
    expect(stored({ fields: { list, last: 1 } }).fields).toMatchObject({ cut: expect.any(Number), last: 1 });
  });

  test('says so where its message or its fields cannot be made a text', () => {
    const none = Object.create(null);
    expect(stored({ message: none }).message).toBe('what cannot be made a text');
    const throwing = {
      get a(): never {
        throw none;
      },
    };
    expect(stored({ fields: throwing }).fields).toEqual({ unreadable: 'what cannot be made a text' });
  });

  test.each([
    ['a BigInt', { n: 10n }],
    ['what has no text', { no: undefined, f: () => 1 }],
    ['no fields at all', undefined as never],
  ])('is kept with %s', (_what, fields) => {
    expect(stored({ fields })).toMatchObject({ message: 'Probed' });
  });

  test('is kept with a circle, and what is beside it', () => {
    const circle: Record<string, unknown> = { n: 1 };
    circle.self = circle;
    expect(stored({ fields: { circle, beside: 2 } }).fields).toMatchObject({ circle: { n: 1 }, beside: 2 });
  });

  test('is kept without fields that cannot be read', () => {
    const fields = {
      toJSON(): never {
        throw new Error('not now');
      },
    };
    expect(stored({ fields: { fields } })).toMatchObject({ fields: { unreadable: 'Error: not now' } });
  });

  test.each([
    ['message', { message: 'é'.repeat(10_000) }],
    ['message of control characters', { message: '\u0001'.repeat(10_000) }],
    ['field', { fields: { small: 1, big: 'x'.repeat(10_000), last: 2 } }],
    ['list', { fields: { list: Array.from({ length: 5_000 }, (_, n) => n) } }],
    ['number of fields', { fields: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, n])) }],
  ])('that is too long for its %s is cut, and says how long it was', (_what, part) => {
    const text = encodeLogLine(lineOf(part));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_LINE_BYTES);
    const [line] = decodeLogLines([text]);
    expect(line?.fields.cut).toBeGreaterThan(MOST_LINE_BYTES);
    expect(line?.message.slice(0, 1)).toBe((part as Partial<TaskLogLine>).message?.slice(0, 1) ?? 'P');
  });

  test('that is too long keeps the beginning of a long text, and what fits beside', () => {
    const { fields } = stored({ fields: { first: 1, big: 'x'.repeat(10_000), list: Array(5_000).fill(0), last: 2 } });
    expect(fields).toEqual({ cut: expect.any(Number), first: 1, big: `${'x'.repeat(1_000)}…`, last: 2 });
  });

  test('that is none is passed over', () => {
    const texts = ['', 'hello', 'null', '[]', '7', '{}', '{"time":"7","level":"info","msg":"x"}'];
    expect(decodeLogLines([...texts, '{"time":7,"level":"high","msg":"x"}'])).toEqual([]);
  });
});
