import { defineBatchScript } from '../script';

/** The mark of a push is to live for an hour at most from now on. Replies 1, or 0 where it is gone. */
export const shortenMarks = defineBatchScript<never, never, 0 | 1>({
  name: 'shorten_marks',
  args: [],
  row: [],
  lua: "return redis.call('PEXPIRE', key, 3600000)",
});
