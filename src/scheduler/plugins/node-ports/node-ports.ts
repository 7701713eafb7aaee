import type { HostPort } from '../../framework/pod-info.ts';
import { rejection, SKIP, type FilterPlugin } from '../../framework/plugin.ts';

const TAKEN = rejection("node(s) didn't have free ports for the requested pod ports", true);
const ANY_ADDRESS = '0.0.0.0';

/** Two pods of a node cannot hold one host port, unless on different addresses. */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  events: ['node-add', 'pod-delete'],
  preFilter({ pod }) {
    if (pod.hostPorts.length === 0) return SKIP;
    return {
      type: 'filter',
      filter: (node) => {
        for (const taken of node.hostPorts) if (pod.hostPorts.some((wanted) => clashes(wanted, taken))) return TAKEN;
        return undefined;
      },
    };
  },
};

const clashes = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === ANY_ADDRESS || b.ip === ANY_ADDRESS);
