import test from 'ava';
import type { Toleration } from '#api/generated/core/v1.ts';
import { mergeTolerations } from '#apiserver/admission/merge-tolerations.ts';

const equal = (value: string, more: Partial<Toleration> = {}): Toleration => ({ key: 'k', operator: 'Equal', value, ...more });
const exists = (more: Partial<Toleration> = {}): Toleration => ({ key: 'k', operator: 'Exists', ...more });

for (const [rule, first, second, merged] of [
  ['all that differ are kept, in order', [equal('a')], [equal('b')], [equal('a'), equal('b')]],
  ['one that stands in both is kept once', [equal('a')], [equal('a')], [equal('a')]],
  ['any value covers one', [equal('a')], [exists()], [exists()]],
  ['any key covers one', [exists({ effect: 'NoSchedule' })], [{ operator: 'Exists' }], [{ operator: 'Exists' }]],
  ['any effect covers one', [equal('a', { effect: 'NoSchedule' })], [equal('a')], [equal('a')]],
  ['and does so where it stands first', [equal('a')], [equal('a', { effect: 'NoSchedule' })], [equal('a')]],
  ['other effects stay apart', [exists({ effect: 'NoExecute' })], [exists({ effect: 'NoSchedule' })], [exists({ effect: 'NoExecute' }), exists({ effect: 'NoSchedule' })]],
  ['longer covers shorter', [exists({ effect: 'NoExecute', tolerationSeconds: 5 })], [exists({ effect: 'NoExecute', tolerationSeconds: 9 })], [exists({ effect: 'NoExecute', tolerationSeconds: 9 })]],
  ['for ever covers a time', [exists({ effect: 'NoExecute', tolerationSeconds: 5 })], [exists({ effect: 'NoExecute' })], [exists({ effect: 'NoExecute' })]],
] satisfies [string, Toleration[], Toleration[], Toleration[]][]) {
  test(`tolerations are merged: ${rule}`, (t) => t.deepEqual(mergeTolerations(first, second), merged));
}
