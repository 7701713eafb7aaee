import test from 'ava';
import fc from 'fast-check';
import { dealHand, flowHash } from '#apiserver/flowcontrol/shuffle-sharding.ts';

test('a hand has different queues, all of them there', (t) => {
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 8 }), (flow, queues, size) => {
    const handSize = Math.min(size, queues);
    const hand = dealHand(flowHash(flow), queues, handSize);
    t.is(new Set(hand).size, handSize);
    t.true(hand.every((queue) => Number.isInteger(queue) && queue >= 0 && queue < queues));
  }));
});

test('flows are spread over the queues, and the same flow has the same hand', (t) => {
  const used = new Set(Array.from({ length: 500 }, (_, i) => dealHand(flowHash('schema', `user-${i}`), 64, 6).join()));
  t.true(used.size > 490);
  t.deepEqual(dealHand(flowHash('a', 'bc'), 64, 6), dealHand(flowHash('a', 'bc'), 64, 6));
  t.notDeepEqual(dealHand(flowHash('a', 'bc'), 64, 6), dealHand(flowHash('ab', 'c'), 64, 6));
});
