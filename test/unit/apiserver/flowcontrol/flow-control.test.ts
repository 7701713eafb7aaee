import test from 'ava';
import type { LimitedPriorityLevelConfiguration, PriorityLevelConfiguration } from '#api/generated/flowcontrol/v1.ts';
import { PODS } from '#api/resources.ts';
import { isStatus, type StatusError } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import { BOOTSTRAP_LEVELS, BOOTSTRAP_SCHEMAS } from '#apiserver/flowcontrol/bootstrap-objects.ts';
import { type Arrival, FlowControl, type Seat } from '#apiserver/flowcontrol/flow-control.ts';
import type { ResourceInfo } from '#apiserver/request-info.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const LIST_PODS: ResourceInfo = { type: 'resource', path: '/api/v1/pods', verb: 'list', resource: PODS, subresource: '', namespace: '', name: '' };
const account = (name: string): UserInfo => ({ name: `system:serviceaccount:shop:${name}`, groups: ['system:serviceaccounts', 'system:authenticated'] });
const MASTER: UserInfo = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const arrival = (user: UserInfo, width = 1): Arrival => ({ user, info: LIST_PODS, width, watcherWorkMs: 0 });

function flowControl(totalSeats = 60) {
  const clock = new ManualClock(0);
  const flow = new FlowControl({ clock, totalSeats });
  flow.configure(BOOTSTRAP_SCHEMAS, BOOTSTRAP_LEVELS);
  return { clock, flow };
}

/** One seat, and nothing to borrow. */
function oneSeat() {
  const made = flowControl(1);
  made.flow.configure(BOOTSTRAP_SCHEMAS, BOOTSTRAP_LEVELS.map((level) => withLimited(level, { lendablePercent: 0 })));
  return made;
}
const withLimited = (level: PriorityLevelConfiguration, change: Partial<LimitedPriorityLevelConfiguration>): PriorityLevelConfiguration =>
  (level.spec.limited ? { ...level, spec: { ...level.spec, limited: { ...level.spec.limited, ...change } } } : level);

/** Sends so many requests at once; those that run are in `running`, in the order in which they began. */
function burst(flow: FlowControl, user: UserInfo, count: number, running: Seat[], refused: unknown[] = []): void {
  for (let i = 0; i < count; i++) {
    try {
      const entered = flow.enter(arrival(user));
      if (entered instanceof Promise) entered.then((seat) => running.push(seat), (error: unknown) => refused.push(error));
      else running.push(entered);
    } catch (error) {
      refused.push(error);
    }
  }
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a request that finds a seat gets it at once, without a promise', (t) => {
  const { flow } = flowControl();
  const seat = flow.enter(arrival(account('a')));
  t.false(seat instanceof Promise);
  t.is((seat as Seat).schema.name, 'service-accounts');
  t.is((seat as Seat).schema.level.inUse, 1);
  (seat as Seat).release();
  (seat as Seat).release();
  t.is((seat as Seat).schema.level.inUse, 0, 'a seat that is given back twice counts once');
});

test('a client with hundreds of requests in flight leaves the next seat to another', async (t) => {
  const { clock, flow } = flowControl();
  const noisy: Seat[] = [];
  burst(flow, account('noisy'), 300, noisy);
  const before = noisy.length;
  t.true(before < 300, 'the noisy client waits for itself');
  for (let round = 0; round < 20; round++) {
    const entered = flow.enter(arrival(account('quiet')));
    let quiet: Seat | undefined;
    void Promise.resolve(entered).then((seat) => (quiet = seat));
    let freed = 0;
    for (; quiet === undefined && freed < 20; freed++) {
      await clock.advance(5);
      noisy.shift()?.release();
      await settled();
    }
    t.true(freed <= 7, `the quiet client waited for ${freed} ends of other requests`);
    quiet?.release();
    await settled();
  }
});

test('a level borrows seats that others lend, and a lender has its own back at once', (t) => {
  const { flow } = flowControl(245);
  const running: Seat[] = [];
  burst(flow, account('busy'), 300, running);
  const nominal = running[0]?.schema.level.share.nominal ?? 0;
  t.true(running.length > nominal, 'idle seats of others are used');
  const node = flow.enter(arrival({ name: 'system:node:a', groups: ['system:nodes', 'system:authenticated'] }));
  t.false(node instanceof Promise, 'the nodes do not wait for the borrower');
});

test('who waits too long, or finds the queue full, is told to come back in a second', async (t) => {
  const { clock, flow } = oneSeat();
  const running: Seat[] = [];
  const refused: unknown[] = [];
  burst(flow, account('a'), 1_000, running, refused);
  await settled();
  t.true(refused.length > 0, 'queues are bounded');
  t.true(refused.every((error) => isStatus(error, 'TooManyRequests')));
  t.is((refused[0] as StatusError).data.status.code, 429);
  t.is((refused[0] as StatusError).data.status.details?.retryAfterSeconds, 1);
  const count = refused.length;
  await clock.advance(15_000);
  await settled();
  t.is(refused.length + running.length, 1_000, 'nobody waits for ever');
  t.true(refused.length > count);
});

test('masters never wait, and the catch-all refuses at once', (t) => {
  const { flow } = oneSeat();
  const running: Seat[] = [];
  burst(flow, MASTER, 500, running);
  t.is(running.length, 500);
  const refused: unknown[] = [];
  burst(flow, { name: 'nobody', groups: [] }, 3, running, refused);
  t.is(refused.length, 2);
});

test('a client that goes away gives its place up', async (t) => {
  const { flow } = oneSeat();
  const running: Seat[] = [];
  burst(flow, account('a'), 1, running);
  const gone = new AbortController();
  const waiting = flow.enter({ ...arrival(account('b')), signal: () => gone.signal });
  gone.abort();
  await t.throwsAsync(async () => waiting);
  running[0]?.release();
  t.is(running[0]?.schema.level.inUse, 0);
});

test('a request that is wider than its level runs alone', (t) => {
  const { flow } = oneSeat();
  const wide = flow.enter(arrival(account('a'), 10));
  t.false(wide instanceof Promise);
  t.true(flow.enter(arrival(account('b'))) instanceof Promise);
});

test('who waits keeps his place when the configuration changes', async (t) => {
  const { flow } = oneSeat();
  const running: Seat[] = [];
  burst(flow, account('a'), 3, running);
  t.is(running.length, 1);
  const limitResponse = { type: 'Queue', queuing: { queues: 2, handSize: 1, queueLengthLimit: 5 } };
  flow.configure(BOOTSTRAP_SCHEMAS, BOOTSTRAP_LEVELS.map((level) => withLimited(level, { lendablePercent: 0, limitResponse })));
  running[0]?.release();
  await settled();
  t.is(running.length, 2);
  running[1]?.release();
  await settled();
  t.is(running.length, 3);
});
