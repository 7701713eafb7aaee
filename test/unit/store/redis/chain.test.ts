import test from 'ava';
import fc from 'fast-check';
import { RevisionCompactedError, StoreReplacedError } from '#store/errors.ts';
import type { StoreBatch } from '#store/object-store.ts';
import { Chain, type ChainLink } from '#store/redis/chain.ts';

const START = 100;

/** Links of so many writes each, one after the other; revisions are left out between them, as after a restart. */
function linksOf(sizes: readonly number[], gap = 0): ChainLink[] {
  let previous = START;
  return sizes.map((size) => {
    const first = previous + 1 + gap;
    const last = first + size - 1;
    const batch: StoreBatch = Array.from({ length: size }, (_, i) => ({ type: 'put', key: { resource: 'configmaps', namespace: 'default', name: `n${first + i}` }, value: '{}', revision: first + i }));
    const link = { previous, first, last, batch };
    previous = last;
    return link;
  });
}

function made(after = START) {
  const told: number[] = [];
  return { told, chain: new Chain(after, (batch) => void told.push(...batch.map((event) => event.revision))) };
}

test('own transactions are told at once, in order whatever the order of their answers', (t) => {
  const { told, chain } = made();
  const [a, b, c] = linksOf([1, 2, 1], 5) as [ChainLink, ChainLink, ChainLink];
  chain.offer(a);
  t.deepEqual(told, [106]);
  chain.offer(c);
  t.true(chain.hasGap);
  t.deepEqual(told, [106]);
  chain.offer(b);
  t.false(chain.hasGap);
  t.deepEqual(told, [106, 112, 113, 119]);
  t.is(chain.position, 119);
});

test('the stream fills a gap, and what it brings again is not told twice', (t) => {
  const { told, chain } = made();
  const [a, b, c] = linksOf([1, 1, 1]) as [ChainLink, ChainLink, ChainLink];
  chain.offer(b);
  chain.append(a);
  t.deepEqual(told, [101, 102]);
  chain.append(b);
  chain.append(c);
  t.deepEqual(told, [101, 102, 103]);
});

test('who resumes inside a transaction gets the rest of it', (t) => {
  const { told, chain } = made(102);
  for (const link of linksOf([4, 1])) chain.append(link);
  t.deepEqual(told, [103, 104, 105]);
});

test('a hole in the stream and another history are refused', (t) => {
  const [a, b] = linksOf([1, 1]) as [ChainLink, ChainLink];
  t.throws(() => made().chain.append(b), { instanceOf: RevisionCompactedError });
  const { chain } = made();
  chain.append(a);
  t.throws(() => chain.append({ ...b, previous: 90, first: 110, last: 110 }), { instanceOf: StoreReplacedError });
});

test('an own transaction that belongs to another history is left to the stream', (t) => {
  const { told, chain } = made();
  const [a] = linksOf([1]) as [ChainLink];
  chain.offer({ ...a, previous: 50 });
  t.deepEqual(told, []);
  t.false(chain.hasGap);
});

test('any mixture of answers and reads tells each transaction once and in order', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 12 }), fc.array(fc.tuple(fc.boolean(), fc.nat()), { maxLength: 40 }), (sizes, steps) => {
      const links = linksOf(sizes);
      const { told, chain } = made();
      // Redis has performed those before `done`; their answers come in any order or not at all, and the stream is read from where the chain is.
      let done = 0;
      const read = (): void => links.slice(0, done).filter((link) => link.last > chain.position).forEach((link) => chain.append(link));
      for (const [isRead, n] of steps) {
        if (isRead) read();
        else chain.offer(links[n % links.length] as ChainLink);
        done = Math.max(done, isRead ? n % (links.length + 1) : (n % links.length) + 1);
      }
      done = links.length;
      read();
      t.deepEqual(told, links.flatMap((link) => link.batch.map((event) => event.revision)));
      t.false(chain.hasGap);
    }),
  );
});
