import test from 'ava';
import { asManager } from '#api/validation/managed-fields.ts';

for (const [name, manager] of [
  ['Mozilla', 'Mozilla'], ['f'.repeat(130), 'f'.repeat(128)], ['🍔'.repeat(60), '🍔'.repeat(32)], ['küche', 'küche'], ['a\u0001b\u0085\n', 'ab'], ['', ''],
] as const) {
  test(`the manager after a client that calls itself ${JSON.stringify(name.slice(0, 20))}`, (t) => { t.is(asManager(name), manager); });
}
