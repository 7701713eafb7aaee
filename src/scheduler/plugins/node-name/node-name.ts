import { rejection, SKIP, type FilterPlugin } from '../../framework/plugin.ts';

const MISMATCH = rejection("node(s) didn't match the requested node name", false);

/** A pod that names its node goes there or nowhere. */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  events: ['node-add'],
  preFilter({ pod }) {
    const wanted = pod.pod.spec?.nodeName;
    return wanted ? { type: 'filter', filter: (node) => (node.name === wanted ? undefined : MISMATCH) } : SKIP;
  },
};
