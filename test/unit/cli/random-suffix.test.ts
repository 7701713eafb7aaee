import test from 'ava';
import { SAFE_ALPHABET } from '#api/names.ts';
import { randomSuffix } from '#cli/control-plane/random-suffix.ts';

test('a suffix has the length that was asked for, of letters that make no words, and each letter at each place', (t) => {
  const seen = Array.from({ length: 5 }, () => new Set<string>());
  for (let i = 0; i < 3_000; i++) {
    const suffix = randomSuffix(5);
    t.is(suffix.length, 5);
    [...suffix].forEach((letter, place) => seen[place]?.add(letter));
  }
  for (const letters of seen) t.deepEqual([...letters].sort(), [...SAFE_ALPHABET].sort());
  t.is(randomSuffix(10).length, 10);
});
