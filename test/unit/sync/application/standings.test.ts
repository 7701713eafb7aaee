import test from 'ava';
import { Standings } from '#sync/application/standings.ts';

const all = (set: ReadonlySet<string>): readonly string[] => [...set];

test('an application is in a set for as long as it says so', (t) => {
  const standings = new Standings<string>();
  const [a, b] = [standings.enter('a'), standings.enter('b')];
  t.deepEqual([all(standings.pending), all(standings.undecided)], [[], []]);
  a.notePending(true);
  b.notePending(true);
  b.noteUndecided(true);
  t.deepEqual([all(standings.pending), all(standings.undecided)], [['a', 'b'], ['b']]);
  a.notePending(false);
  t.deepEqual([all(standings.pending), all(standings.undecided)], [['b'], ['b']]);
});

test('those whose objects are not healthy are found by namespace, and only by those of now', (t) => {
  const standings = new Standings<string>();
  const [a, b] = [standings.enter('a'), standings.enter('b')];
  a.noteAiling(new Set(['x', 'y']));
  b.noteAiling(new Set(['y']));
  const seen = () => ['x', 'y', 'z'].map((namespace) => all(standings.ailingIn(namespace)).join(''));
  t.deepEqual(seen(), ['a', 'ab', '']);
  a.noteAiling(new Set(['y', 'z']));
  t.deepEqual(seen(), ['', 'ab', 'a']);
  b.noteAiling(new Set());
  t.deepEqual(seen(), ['', 'a', 'a']);
});

test('one that has left comes back by nothing that a job of it still says; another of its name does', (t) => {
  const standings = new Standings<{ readonly name: string }>();
  const [before, after] = [{ name: 'a' }, { name: 'a' }];
  const [old, next] = [standings.enter(before), standings.enter(after)];
  old.notePending(true);
  old.noteAiling(new Set(['x']));
  old.leave();
  next.notePending(true);
  old.notePending(true);
  old.noteUndecided(true);
  old.noteAiling(new Set(['x']));
  t.deepEqual([[...standings.pending], [...standings.undecided], [...standings.ailingIn('x')]], [[after], [], []]);
});
