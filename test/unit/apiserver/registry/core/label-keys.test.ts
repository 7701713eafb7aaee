import test from 'ava';
import type { Pod, PodAffinityTerm } from '#api/generated/core/v1.ts';
import { withLabelKeys } from '#apiserver/registry/core/label-keys.ts';

const pod = (affinity: object): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', labels: { app: 'web', tenant: 't' } }, spec: { containers: [], affinity } });
const term = (more: Partial<PodAffinityTerm>): PodAffinityTerm => ({ topologyKey: 'zone', ...more });

test('keys become requirements for the values that the pod has', (t) => {
  const given = term({ labelSelector: { matchExpressions: [{ key: 'x', operator: 'Exists' }] }, matchLabelKeys: ['app', 'absent'], mismatchLabelKeys: ['tenant'] });
  const merged = term({ ...given, labelSelector: { matchExpressions: [{ key: 'x', operator: 'Exists' }, { key: 'app', operator: 'In', values: ['web'] }, { key: 'tenant', operator: 'NotIn', values: ['t'] }] } });
  t.deepEqual(withLabelKeys(pod({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [given] } })).spec?.affinity, { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [merged] } });
  t.deepEqual(withLabelKeys(pod({ nodeAffinity: {}, podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: given }] } })).spec?.affinity,
    { nodeAffinity: {}, podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: merged }] } });
});

test('without keys, and without a selector, the pod stays what it is', (t) => {
  for (const given of [term({ labelSelector: {} }), term({ matchLabelKeys: ['app'] })]) {
    const made = pod({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [given] } });
    t.is(withLabelKeys(made), made);
  }
});
