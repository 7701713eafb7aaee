import test from 'ava';
import { Owners } from '#sync/inventory/owners.ts';

test('an object has one owner; who was refused for it hears when it is free', (t) => {
  const told: string[] = [];
  const owners = new Owners((key) => told.push(key));
  owners.claim('ns/a', 'configmaps/x/one');
  t.is(owners.other('ns/a', 'configmaps/x/one'), undefined);
  t.is(owners.other('ns/b', 'configmaps/x/one'), 'ns/a');
  owners.release('ns/a', 'configmaps/x/one');
  t.deepEqual(told, ['ns/b']);
  t.is(owners.other('ns/b', 'configmaps/x/one'), undefined);
  owners.claim('ns/b', 'configmaps/x/one');
  owners.release('ns/b', 'configmaps/x/one');
  t.deepEqual(told, ['ns/b']);
});
