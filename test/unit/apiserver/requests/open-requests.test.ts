import test from 'ava';
import fc from 'fast-check';
import { ActiveRequest } from '#apiserver/requests/active-request.ts';
import { OpenRequests } from '#apiserver/requests/open-requests.ts';
import { RequestIds } from '#apiserver/requests/request-ids.ts';

const ids = new RequestIds();
const requestAt = (startedAt: number): ActiveRequest => new ActiveRequest({ method: 'GET', userAgent: '', uri: () => '/', sourceIps: () => [] }, { wall: 0, monotonic: startedAt, ids });

test('requests stay in the order of their start, whichever ends first', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat()), { maxLength: 60 }), (steps) => {
      const open = new OpenRequests();
      const all: ActiveRequest[] = [];
      const model = new Set<ActiveRequest>();
      for (const [isStart, n] of steps) {
        const request = isStart || all.length === 0 ? requestAt(all.length) : (all[n % all.length] as ActiveRequest);
        if (request.startedAt === all.length) {
          all.push(request);
          open.add(request);
          model.add(request);
        } else t.is(open.delete(request), model.delete(request));
        t.is(open.oldest, model.values().next().value);
      }
      const inOrder: ActiveRequest[] = [];
      for (let { oldest } = open; oldest; { oldest } = open) {
        inOrder.push(oldest);
        open.delete(oldest);
      }
      t.deepEqual(inOrder.map((request) => request.startedAt), [...model].map((request) => request.startedAt));
    }),
  );
});

test('a request that has ended refers to no other', (t) => {
  const open = new OpenRequests();
  const [a, b, c] = [requestAt(0), requestAt(1), requestAt(2)];
  for (const request of [a, b, c]) open.add(request);
  open.delete(b);
  t.deepEqual([b.older, b.newer], [undefined, undefined]);
  t.deepEqual([a.newer, c.older], [c, a]);
});
