import { type RespFrame, RespFrames } from '../../src/testing/resp-frames';

const FRAMES: readonly [text: string, frame: Omit<RespFrame, 'bytes'>][] = [
  ['*2\r\n$3\r\nGET\r\n$4\r\n\r\n*1\r\n', { type: '*', length: 2, head: ['GET', '\r\n*1'] }],
  ['  PING  now\r\n', { type: '', length: 1, head: ['PING', 'now'] }],
  ['$-1\r\n', { type: '$', length: 1, head: [] }],
  ['$0\r\n\r\n', { type: '$', length: 1, head: [] }],
  ['*-1\r\n', { type: '*', length: 0, head: [] }],
  ['*0\r\n', { type: '*', length: 0, head: [] }],
  ['*2\r\n*2\r\n:1\r\n*0\r\n*1\r\n$1\r\nx\r\n', { type: '*', length: 2, head: [] }],
  ['%1\r\n+key\r\n*1\r\n:1\r\n', { type: '%', length: 2, head: ['key'] }],
  ['>3\r\n+message\r\n+channel\r\n+text\r\n', { type: '>', length: 3, head: ['message', 'channel'] }],
  ['|1\r\n+ttl\r\n:3600\r\n~1\r\n=5\r\ntxt:x\r\n', { type: '|', length: 2, head: ['ttl', '3600'] }],
  ['-ERR no\r\n', { type: '-', length: 1, head: [] }],
  ['_\r\n', { type: '_', length: 1, head: [] }],
  [',1.5\r\n', { type: ',', length: 1, head: [] }],
];
const STREAM = FRAMES.map(([text]) => text).join('');
const WHOLE = FRAMES.map(([text, frame]) => ({ ...frame, bytes: text }));

function read(...chunks: readonly string[]) {
  const frames = new RespFrames();
  return chunks
    .flatMap((chunk) => frames.push(Buffer.from(chunk, 'latin1')))
    .map((frame) => ({ ...frame, bytes: frame.bytes.toString('latin1') }));
}

describe('the frames of a stream', () => {
  test('are found in one chunk', () => {
    expect(read(STREAM)).toEqual(WHOLE);
  });

  test('are found byte by byte', () => {
    expect(read(...STREAM)).toEqual(WHOLE);
  });

  test('are found wherever the stream is split in two', () => {
    for (let split = 1; split < STREAM.length; split++) {
      expect([split, read(STREAM.slice(0, split), STREAM.slice(split))]).toEqual([split, WHOLE]);
    }
  });
});
