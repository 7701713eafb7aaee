import { join } from 'node:path';
import test from 'ava';
import { testPolicies } from '#cli/policy-test.ts';

const POLICIES = join(import.meta.dirname, '../../../policies');
const results = testPolicies(POLICIES);

test('there are policies, and each has cases of both kinds', (t) => {
  t.true(results.length >= 2);
  for (const { folder, errors, outcomes } of results) {
    t.deepEqual(errors, [], folder);
    t.deepEqual([...new Set(outcomes.map(({ expects }) => expects))].sort(), ['accept', 'deny'], folder);
  }
});

for (const { path, isRight, messages } of results.flatMap(({ outcomes }) => outcomes)) {
  test(`policy case ${path}`, (t) => t.true(isRight, messages.join('\n')));
}
