import test from 'ava';
import type { Taint, Toleration } from '#api/generated/core/v1.ts';
import { tolerates } from '#scheduler/framework/tolerations.ts';
import { taintToleration, taintTolerationScore } from '#scheduler/plugins/taint-toleration/taint-toleration.ts';
import { buildCluster, buildInfo, buildNode } from '../builders.ts';
import { scores, verdicts } from './plugins-harness.ts';

const TAINT: Taint = { key: 'gpu', value: '4', effect: 'NoSchedule' };

for (const [toleration, expected] of [
  [{ key: 'gpu', value: '4', effect: 'NoSchedule' }, true],
  [{ key: 'gpu', operator: 'Exists' }, true],
  [{ operator: 'Exists' }, true],
  [{ key: 'gpu', operator: 'Lt', value: '5' }, true],
  [{ key: 'gpu', operator: 'Gt', value: '5' }, false],
  [{ key: 'gpu', value: '5' }, false],
  [{ key: 'gpu', value: '4', effect: 'NoExecute' }, false],
  [{ key: 'gpu', operator: 'Gt', value: 'x' }, false],
  [{ value: '4' }, false],
] as readonly (readonly [Toleration, boolean])[]) {
  test(`${JSON.stringify(toleration)} ${expected ? 'tolerates' : 'does not tolerate'} gpu=4:NoSchedule`, (t) => t.is(tolerates(toleration, TAINT), expected));
}

test('hard taints keep pods away, and are not named', (t) => {
  const cluster = buildCluster([
    buildNode('a', { spec: { taints: [TAINT] } }), buildNode('b', { spec: { taints: [{ key: 'slow', effect: 'PreferNoSchedule' }] } }), buildNode('c'),
  ]);
  t.deepEqual(verdicts(taintToleration, buildInfo('p'), cluster), { a: 'node(s) had untolerated taint(s)', b: null, c: null });
  t.deepEqual(scores(taintTolerationScore, buildInfo('p'), cluster), { a: 100, b: 0, c: 100 });
});
