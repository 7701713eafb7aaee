import test from 'ava';
import type { FlowSchema } from '#api/generated/flowcontrol/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { autoupdated, isUnwanted } from '#apiserver/flowcontrol/autoupdate.ts';

const KEY = 'apf.kubernetes.io/autoupdate-spec';
function schema(name: string, matchingPrecedence: number, annotation?: string, generation = 1): FlowSchema & KubeObject {
  const metadata = { name, generation, ...(annotation === undefined ? {} : { annotations: { [KEY]: annotation } }) };
  return { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata, spec: { priorityLevelConfiguration: { name: 'system' }, matchingPrecedence, rules: [] } };
}

for (const [rule, name, annotation, generation, expected] of [
  ['the server keeps it', 'system-nodes', 'true', 1, [200, 'true']],
  ['the server keeps it, whoever has changed it', 'system-nodes', 'true', 2, [200, 'true']],
  ['any word for true', 'system-nodes', 'T', 2, [200, 'T']],
  ['somebody has taken it over', 'system-nodes', 'false', 1, [100, 'false']],
  ['somebody has taken it over and changed it', 'system-nodes', 'false', 2, [100, 'false']],
  ['any word for false', 'system-nodes', '0', 1, [100, '0']],
  ['nobody has changed it', 'system-nodes', undefined, 1, [200, 'true']],
  ['somebody has changed it', 'system-nodes', undefined, 2, [100, 'false']],
  ['nobody has changed it, and what is said is no word for either', 'system-nodes', 'maybe', 1, [200, 'true']],
  ['somebody has changed it, and what is said is no word for either', 'system-nodes', 'maybe', 2, [100, 'false']],
  ['the mandatory stay as they are', 'catch-all', 'false', 2, [200, 'true']],
  ['of the mandatory that is told', 'catch-all', undefined, 2, [200, 'true']],
] as const) {
  test(`a bootstrap object: ${rule}`, (t) => {
    const { spec, metadata } = autoupdated(schema(name, 100, annotation, generation), schema(name, 200));
    t.deepEqual([spec.matchingPrecedence, metadata.annotations?.[KEY]], [...expected]);
  });
}

for (const [rule, object, expected] of [
  ['what the server keeps though it does not want it', schema('old', 100, 'true'), true],
  ['not what somebody keeps', schema('old', 100, 'false'), false],
  ['not what says neither', schema('old', 100, 'invalid'), false],
  ['not what says nothing', schema('old', 100), false],
  ['not what it wants', schema('system-nodes', 100, 'true'), false],
  ['not what waits for finalizers', { ...schema('old', 100, 'true'), metadata: { name: 'old', annotations: { [KEY]: 'true' }, finalizers: ['a.io/b'] } }, false],
] as const) {
  test(`goes: ${rule}`, (t) => {
    t.is(isUnwanted(object), expected);
  });
}
