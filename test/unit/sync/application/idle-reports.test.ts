import test from 'ava';
import { silentLogger as log } from '#base/logger.ts';
import { IdleReports } from '#sync/application/idle-reports.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const WRITE_MS = 2;

/** Lets what waits for nothing but promises go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function reports() {
  const clock = new ManualClock(0);
  const idle = new IdleReports({ clock, log });
  const written: string[] = [];
  const add = (key: string, what = key): void => idle.add(key, async () => {
    written.push(what);
    await clock.sleep(WRITE_MS);
  });
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms; i++) {
      await clock.advance(1);
      await settled();
    }
  };
  return { add, written, pass };
}

test('of several commits the last is written, and who has waited longest comes first', async (t) => {
  const { add, written, pass } = reports();
  for (const key of ['a', 'b', 'c']) add(key, `${key}1`);
  await pass(101);
  t.deepEqual(written, ['a1']);
  for (const key of ['a', 'b', 'c']) add(key, `${key}2`);
  await pass(100);
  t.deepEqual(written, ['a1', 'b2', 'c2', 'a2']);
});

test('most of the time is left to others', async (t) => {
  const { add, written, pass } = reports();
  for (let i = 0; i < 1_000; i++) add(`app-${i}`);
  await pass(100);
  written.length = 0;
  await pass(400 * WRITE_MS);
  t.true(written.length <= 100, `${written.length} writes`);
  t.true(written.length >= 80, `${written.length} writes`);
});
