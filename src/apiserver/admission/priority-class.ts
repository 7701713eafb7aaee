import type { PriorityClass } from '#api/generated/scheduling/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { isSameResource } from '#api/resource-type.ts';
import { PRIORITY_CLASSES } from '#api/resources.ts';
import { forbidden } from '#api/status-error.ts';
import { defaultPriorityClass } from './priority.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** What the cluster's own pods are ranked by. */
const SYSTEM: ReadonlySet<string> = new Set(['system-node-critical', 'system-cluster-critical']);

/** One class at most is the default of all, and those of the system stay. */
export const PRIORITY_CLASS: AdmissionPlugin = {
  name: 'PriorityClass',
  handles: ({ operation, resource, subresource }) => operation !== 'CONNECT' && subresource === '' && isSameResource(resource, PRIORITY_CLASSES),
  validate({ operation, resource, name, object }, env) {
    if (operation === 'DELETE') {
      if (SYSTEM.has(name)) throw forbidden(resource, name, 'this is a system priority class and cannot be deleted');
      return;
    }
    if ((object as PriorityClass & KubeObject).globalDefault !== true) return;
    const present = defaultPriorityClass(env);
    if (present !== undefined && present.metadata.name !== name) throw forbidden(resource, name, `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`);
  },
};
