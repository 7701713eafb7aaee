import { PassThrough } from 'node:stream';
import type { ServerHttp2Session } from 'node:http2';
import test from 'ava';
import { lookAtAnswer, lookAtSession, StalledConnections } from '#apiserver/http/stalled-connections.ts';
import { waitFor } from '#test/support/wait.ts';

/** What is seen of a session at each look: bytes read so far, frames that wait to be sent, whether a PING can be sent. */
interface Seen {
  readonly read: number;
  readonly waiting?: number;
  readonly refusesPing?: boolean;
  readonly destroyed?: boolean;
}

const SESSIONS: readonly { readonly why: string; readonly seen: readonly Seen[]; readonly stalled: readonly boolean[]; readonly pings: number }[] = [
  { why: 'who sends is not asked', seen: [{ read: 1 }, { read: 2, waiting: 9 }, { read: 3, waiting: 9 }], stalled: [false, false, false], pings: 0 },
  { why: 'who is silent is asked each time, and may be', seen: [{ read: 1 }, { read: 1 }, { read: 1 }], stalled: [false, false, false], pings: 2 },
  { why: 'who answers the question was never stalled', seen: [{ read: 1 }, { read: 1, waiting: 1 }, { read: 18, waiting: 1 }, { read: 18, waiting: 1 }], stalled: [false, false, false, false], pings: 2 },
  { why: 'a PING lies unsent', seen: [{ read: 1 }, { read: 1 }, { read: 1, waiting: 1 }], stalled: [false, false, true], pings: 1 },
  { why: 'too many PINGs were not answered', seen: [{ read: 1 }, { read: 1, refusesPing: true }], stalled: [false, true], pings: 1 },
  { why: 'a session that is destroyed keeps its socket', seen: [{ read: 1 }, { read: 1, destroyed: true }, { read: 9, destroyed: true }], stalled: [false, false, true], pings: 0 },
];

for (const { why, seen, stalled, pings } of SESSIONS) {
  test(`sessions: ${why}`, (t) => {
    let [now, asked]: [Seen, number] = [{ read: 0 }, 0];
    const session = {
      get destroyed() { return now.destroyed ?? false; },
      get state() { return { outboundQueueSize: now.waiting ?? 0 }; },
      ping: () => {
        asked += 1;
        return !now.refusesPing;
      },
    };
    const look = lookAtSession(session as unknown as ServerHttp2Session, { get bytesRead() { return now.read; } });
    t.deepEqual(seen.map((next) => {
      now = next;
      return look();
    }), stalled);
    t.is(asked, pings);
  });
}

test('answers: a whole one that is not taken from one look to the next has stalled', (t) => {
  const answer = (writableEnded: boolean, writableFinished = false) => ({ writableEnded, writableFinished });
  const [open, whole, next, taken] = [answer(false), answer(true), answer(true), answer(true, true)];
  const seen = [undefined, open, open, whole, next, taken, taken, undefined, whole, whole];
  let now: ReturnType<typeof answer> | undefined;
  const look = lookAtAnswer(() => now);
  t.deepEqual(seen.map((present) => {
    now = present;
    return look();
  }), [...seen.slice(1).map(() => false), true]);
});

test('all connections are looked at until they are closed, and those that have stalled are closed', async (t) => {
  const connections = new StalledConnections(1);
  const [busy, stalled, closed] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const looks = { busy: 0, closed: 0 };
  connections.add(busy, () => (looks.busy += 1) < 0);
  connections.add(stalled, () => true);
  connections.add(closed, () => (looks.closed += 1) < 0);
  closed.destroy();
  await waitFor(() => stalled.destroyed && looks.busy > 1, { what: 'two looks' });
  t.is(looks.closed, 0);
  busy.destroy();
});
