import test from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import { withProfiles } from '#apiserver/registry/core/app-armor.ts';
import { openApi } from '#test/support/api-calls.ts';

const KEY = 'container.apparmor.security.beta.kubernetes.io/c';
const WARNING = `metadata.annotations[${KEY}]: deprecated since v1.30; use the "appArmorProfile" field instead`;
const UNCONFINED = { type: 'Unconfined' };
const DEFAULT = { type: 'RuntimeDefault' };

for (const [name, annotation, spec, own, profile, warnings] of [
  ['unconfined', 'unconfined', {}, undefined, UNCONFINED, [WARNING]],
  ['that of the runtime', 'runtime/default', {}, undefined, DEFAULT, [WARNING]],
  ['one of the node', 'localhost/test', {}, undefined, { type: 'Localhost', localhostProfile: 'test' }, [WARNING]],
  ['one without a name', 'localhost/', {}, undefined, undefined, [WARNING]],
  ['one that could stand in no field', 'localhost/ a', {}, undefined, undefined, [WARNING]],
  ['one that nobody knows', 'x', {}, undefined, undefined, [WARNING]],
  ['what the pod says already', 'runtime/default', { securityContext: { appArmorProfile: DEFAULT } }, undefined, undefined, []],
  ['another than the pod says', 'unconfined', { securityContext: { appArmorProfile: DEFAULT } }, undefined, UNCONFINED, [WARNING]],
  ['the field stands', 'unconfined', {}, DEFAULT, DEFAULT, []],
  ['none on Windows', 'unconfined', { os: { name: 'windows' } }, undefined, undefined, []],
] as const) {
  test(`a profile of an annotation becomes a field: ${name}`, (t) => {
    const told: string[] = [];
    const container = { name: 'c', image: 'i', ...(own ? { securityContext: { appArmorProfile: own } } : {}) };
    const pod = withProfiles({ metadata: { name: 'p', annotations: { [KEY]: annotation } }, spec: { ...spec, containers: [container] } } as unknown as Pod, (text) => void told.push(text));
    t.deepEqual(pod.spec?.containers[0]?.securityContext?.appArmorProfile, profile);
    t.deepEqual(told, [...warnings]);
  });
}

test('a pod that is made with the annotation has the field', async (t) => {
  const api = await openApi(t);
  const { code, body, warnings } = await api.post('/api/v1/namespaces/default/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations: { [KEY]: 'unconfined' } }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  t.deepEqual([code, body.spec.containers[0].securityContext, warnings], [201, { appArmorProfile: UNCONFINED }, [WARNING]]);
});
