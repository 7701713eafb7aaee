import test from 'ava';
import { compareVersions } from '#api/kube-version.ts';

test('versions stand in the order of Kubernetes: stable, beta, alpha, then names that are none', (t) => {
  const ordered = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2', 'foo1', 'foo10'];
  t.deepEqual([...ordered].reverse().toSorted(compareVersions), ordered);
});
