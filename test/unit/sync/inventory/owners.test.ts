import test from 'ava';
import { Owners } from '#sync/inventory/owners.ts';

test('an object has one owner; who was refused for it hears when it is free', (t) => {
  const told: string[] = [];
  const wanted: string[] = [];
  const owners = new Owners({ onReleased: (key) => void told.push(key), onWanted: (key) => void wanted.push(key) });
  owners.claim('ns/a', 'configmaps/x/one');
  t.is(owners.other('ns/a', 'configmaps/x/one'), undefined);
  t.is(owners.other('ns/b', 'configmaps/x/one'), 'ns/a');
  t.is(owners.other('ns/b', 'configmaps/x/one'), 'ns/a');
  t.deepEqual(wanted, ['ns/a'], 'told once');
  t.true(owners.isWanted('configmaps/x/one'));
  owners.release('ns/a', 'configmaps/x/one');
  t.false(owners.isWanted('configmaps/x/one'));
  t.deepEqual(told, ['ns/b']);
  t.is(owners.other('ns/b', 'configmaps/x/one'), undefined);
  owners.claim('ns/b', 'configmaps/x/one');
  owners.release('ns/b', 'configmaps/x/one');
  t.deepEqual(told, ['ns/b']);
});
