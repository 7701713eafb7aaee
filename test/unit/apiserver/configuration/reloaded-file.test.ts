import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ReloadedFile } from '#apiserver/configuration/reloaded-file.ts';
import { Exposition } from '#base/exposition.ts';
import { silentLogger } from '#base/logger.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

/** A file that holds the name of what is in force; `broken` cannot be read, `later` not be put in force as long as it is not due. */
async function reloaded(t: ExecutionContext) {
  const directory = temporaryDirectory('headway-configuration');
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'configuration');
  await writeFile(path, 'first');
  const state = { inForce: 'first', isDue: false, tried: 0 };
  const file = new ReloadedFile({
    file: path, data: Buffer.from('first'), of: 'authentication', serverId: 'me', clock: new ManualClock(5_000), log: silentLogger,
    read: (data) => {
      state.tried += 1;
      const name = data.toString();
      if (name === 'broken') throw new Error('no sense');
      return () => {
        if (name === 'later' && !state.isDue) return Promise.reject(new Error('not yet'));
        state.inForce = name;
        return Promise.resolve();
      };
    },
  });
  const change = async (content: string): Promise<string> => {
    await writeFile(path, content);
    await file.check();
    return state.inForce;
  };
  const metrics = (): readonly string[] => {
    const out = new Exposition();
    file.writeMetrics(out);
    return out.text().split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.replaceAll(/sha256:[0-9a-f]{60}/g, '').replace('apiserver_authentication_config_controller_', ''));
  };
  return { path, file, state, change, metrics };
}

test('a file that changes is put in force, and one that is of no use leaves what was', async (t) => {
  const { path, file, state, change, metrics } = await reloaded(t);
  t.deepEqual(metrics(), ['last_config_info{apiserver_id_hash="b2e0",hash="a08e"} 1']);
  t.is(await change('first'), 'first');
  t.is(state.tried, 0, 'what has not changed is not read');
  t.is(await change('second'), 'second');
  t.is(await change('broken'), 'second');
  await file.check();
  t.is(state.tried, 2, 'what cannot be read is not read again');
  t.is(await change('later'), 'second');
  await file.check();
  t.is(state.tried, 4, 'what cannot be put in force yet is tried again');
  state.isDue = true;
  await file.check();
  t.is(state.inForce, 'later');
  await rm(path);
  await file.check();
  t.is(state.inForce, 'later');
  t.deepEqual(metrics().filter((line) => !line.startsWith('last')), [
    'automatic_reloads_total{apiserver_id_hash="b2e0",status="success"} 2', 'automatic_reloads_total{apiserver_id_hash="b2e0",status="failure"} 4',
    'automatic_reload_last_timestamp_seconds{apiserver_id_hash="b2e0",status="success"} 5', 'automatic_reload_last_timestamp_seconds{apiserver_id_hash="b2e0",status="failure"} 5',
  ]);
});
