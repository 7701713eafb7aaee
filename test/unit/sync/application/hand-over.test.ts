import test from 'ava';
import type { ApplicationState, Leftover } from '#sync/application/application-state.ts';
import { isContested, mayBeTaken, taken } from '#sync/application/hand-over.ts';
import { Owners } from '#sync/inventory/owners.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const OBJECT: Leftover = ['configmaps/default/one', { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'one', path: 'one.yaml' }];

function stateWith({ holder, declaring, isPending = false }: { readonly holder?: string; readonly declaring?: string; readonly isPending?: boolean }) {
  const owners = new Owners({ onReleased: () => undefined, onWanted: () => undefined });
  if (holder !== undefined) owners.claim(holder, OBJECT[0]);
  const clock = new ManualClock(0);
  const context = { owners, clock, others: { arePending: () => isPending, declaring: () => declaring } };
  return { clock, state: { key: 'team/own', application: { metadata: { namespace: 'team' } }, context } as unknown as ApplicationState };
}

for (const [name, others, expected] of [
  ['what nobody else declares is nobody else\'s', {}, []],
  ['what another application has claimed is its', { holder: 'team/other' }, [{ by: 'team/other', isClaimed: true }]],
  ['so is what one was refused', { declaring: 'team/refused' }, [{ by: 'team/refused', isClaimed: false }]],
  ['one of another namespace keeps nothing alive', { holder: 'strangers/other' }, []],
  ['its own claim is no other\'s', { holder: 'team/own' }, []],
] as const) {
  test(name, (t) => t.deepEqual<unknown, unknown>(taken(stateWith(others).state, [OBJECT]), expected.map((one) => ({ object: OBJECT, ...one }))));
}

test('who is slow to look delays deletions for some seconds, and no longer', async (t) => {
  t.false(mayBeTaken(stateWith({}).state, 0));
  const { state, clock } = stateWith({ isPending: true });
  t.true(mayBeTaken(state, 0));
  await clock.advance(10_000);
  t.false(mayBeTaken(state, 0));
});

test('a commit is contested when nothing but others stands in its way', (t) => {
  const error = (reason: string) => ({ path: 'a.yaml', reason, message: '' });
  t.true(isContested([error('DuplicateObject')]));
  t.false(isContested([error('DuplicateObject'), error('InvalidYAML')]));
});
