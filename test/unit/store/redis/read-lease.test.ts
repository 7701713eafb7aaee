import test from 'ava';
import { END_AFTER_MS, LEASE_MS, ReadLease } from '#store/redis/read-lease.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 240_000;

function made() {
  const clock = new ManualClock(1_000);
  const drops: number[] = [];
  const lease = new ReadLease({ clock, pauseMs: { first: PAUSE_MS, max: MAX_PAUSE_MS }, onDrop: () => void drops.push(clock.monotonic()) });
  /** A read that asks, and is answered at once that the lease it took, or the one of before, is held. */
  const take = (): string => {
    lease.held();
    const answered = lease.asked();
    const name = lease.nameToTake() ?? '';
    answered({ holder: name, isAskedBack: false });
    return name;
  };
  return { clock, lease, take, drops };
}

test('nothing is held, and no lease is taken, before a read wants one', (t) => {
  const { lease } = made();
  t.is(lease.nameToTake(), undefined);
  t.is(lease.held(), 'no');
  t.true(lease.nameToTake()?.startsWith(lease.id));
});

test('a lease lasts from when the question was sent, not from its answer, and is renewed once in its second half', async (t) => {
  const { clock, lease } = made();
  lease.held();
  const answered = lease.asked();
  const name = lease.nameToTake() ?? '';
  await clock.advance(LEASE_MS / 4);
  answered({ holder: name, isAskedBack: false });
  t.is(lease.held(), 'yes');
  await clock.advance(LEASE_MS / 4);
  t.deepEqual([lease.held(), lease.held()], ['renew', 'yes']);
  await clock.advance(LEASE_MS / 2);
  t.is(lease.held(), 'no');
});

test('whoever takes a lease away waits for longer than its holder trusts it', (t) => {
  t.true(END_AFTER_MS > LEASE_MS * 1.2);
});

test('an answer that came late gives nothing, and one of before shortens nothing', async (t) => {
  const { clock, lease, take } = made();
  const early = lease.asked();
  await clock.advance(LEASE_MS / 2);
  const name = take();
  early({ holder: name, isAskedBack: false });
  await clock.advance(LEASE_MS - 1);
  t.not(lease.held(), 'no');
  const slow = lease.asked();
  await clock.advance(LEASE_MS);
  slow({ holder: name, isAskedBack: false });
  t.is(lease.held(), 'no');
});

test('while the outcome of a write is not known, reads ask', (t) => {
  const { lease, take } = made();
  take();
  lease.begin();
  lease.begin();
  lease.end(true);
  t.is(lease.held(), 'no');
  lease.end(true);
  t.is(lease.held(), 'yes');
});

test('a write without an answer ends the lease and the name under which it might still be performed; answers to that name give nothing', (t) => {
  const { lease, take } = made();
  const name = take();
  const old = lease.asked();
  lease.begin();
  lease.end(false);
  t.false(name.startsWith(lease.id));
  old({ holder: name, isAskedBack: false });
  t.is(lease.held(), 'no');
});

for (const [title, state] of [
  ['another process holds it', { holder: 'other.0', isAskedBack: false }],
  ['it is asked back', { holder: undefined, isAskedBack: true }],
] as const) {
  test(`${title}: reads ask, for a pause that grows each time, to its longest`, async (t) => {
    const { clock, lease, take } = made();
    for (const pauseMs of [PAUSE_MS, 2 * PAUSE_MS, MAX_PAUSE_MS, MAX_PAUSE_MS]) {
      const name = take();
      t.is(lease.asked()({ ...state, holder: state.holder ?? name }), state.holder === undefined ? name : undefined, 'its own is to be ended');
      t.is(lease.held(), 'no');
      await clock.advance(pauseMs - 1);
      t.is(lease.nameToTake(), undefined);
      await clock.advance(1);
    }
    t.true(lease.nameToTake() !== undefined);
  });
}

test('a lease that nobody has any more is not held, and what was held is told when the process goes', async (t) => {
  const { clock, lease, take } = made();
  const name = take();
  lease.asked()({ holder: null, isAskedBack: false });
  await clock.advance(LEASE_MS);
  t.is(lease.held(), 'no');
  const late = lease.asked();
  t.is(lease.release(), name);
  late({ holder: name, isAskedBack: false });
  t.is(lease.held(), 'no');
  t.is(lease.release(), undefined);
});

test('a write wants a lease as a read does, and renews it; whoever rests on it is told when it ends early', async (t) => {
  const { clock, lease, drops } = made();
  lease.begin();
  const answered = lease.asked();
  const name = lease.nameToTake() ?? '';
  t.true(name.startsWith(lease.id));
  answered({ holder: name, isAskedBack: false });
  lease.end(true);
  t.is(lease.leftMs(), LEASE_MS);
  await clock.advance(LEASE_MS / 2);
  lease.begin();
  lease.asked()({ holder: name, isAskedBack: false });
  t.is(lease.nameToTake(), undefined);
  t.is(lease.leftMs(), LEASE_MS);
  t.deepEqual(drops, []);
  lease.end(false);
  t.is(lease.leftMs(), 0);
  t.is(drops.length, 1);
});

test('an answer that is overtaken by the one that the lease is asked back does not bring it back', (t) => {
  const { lease, take } = made();
  const name = take();
  const overtaken = lease.asked();
  t.is(lease.asked()({ holder: name, isAskedBack: true }), name, 'to be ended at once');
  t.is(overtaken({ holder: name, isAskedBack: false }), undefined);
  t.is(lease.leftMs(), 0);
  t.is(lease.held(), 'no');
});
