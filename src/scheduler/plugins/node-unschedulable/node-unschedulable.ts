import { rejection, SKIP, type FilterPlugin } from '../../framework/plugin.ts';
import { toleratesAll, UNSCHEDULABLE_TAINT } from '../../framework/tolerations.ts';

const CORDONED = rejection('node(s) were unschedulable', false);

/** Cordoned nodes take only pods that tolerate it. */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  events: ['node-add', 'node-taints'],
  preFilter({ pod }) {
    if (toleratesAll(pod.pod.spec?.tolerations ?? [], [UNSCHEDULABLE_TAINT])) return SKIP;
    return { type: 'filter', filter: (node) => (node.node.spec?.unschedulable === true ? CORDONED : undefined) };
  },
};
