import { checksOf } from '../../diagnosis';
import { eachNode, readSetting } from './check-view';

const { ok, note, error } = checksOf('persistence');

/** What a crash of Redis would lose; and whether it fails to write, as it refuses writes then. */
export const checkPersistence = eachNode(async (node, { redis }) => {
  const hasFile = node.info('aof_enabled') === '1';
  if (hasFile && node.info('aof_last_write_status') === 'err')
    return error('the append-only file could not be written', 'Is the disk full? Redis refuses writes until it can.');
  if (node.info('rdb_last_bgsave_status') === 'err')
    return error(
      'the last snapshot failed',
      'Is the disk full, or memory short? Redis may refuse writes until one succeeds.',
    );
  if (hasFile) {
    const when = await readSetting(redis, node, 'appendfsync');
    if (when === 'always') return ok('append-only file, appendfsync always: a crash loses nothing that was confirmed');
    if (when === undefined) return note('append-only file; how often it reaches the disk is not told');
    return note(
      `append-only file, appendfsync ${when}: a crash may lose the last ${when === 'no' ? 'half minute' : 'second'}`,
    );
  }
  const rules = await readSetting(redis, node, 'save');
  if (rules === undefined) return note('no append-only file; whether there are snapshots is not told');
  if (rules === '') return note('nothing is written to disk: a restart of Redis loses all tasks');
  return note(`snapshots alone (save ${rules}): a crash loses what came after the last one`);
});
