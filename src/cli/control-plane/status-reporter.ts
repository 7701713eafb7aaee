import { APPLICATIONS, DEPLOYMENTS, JOBS, NODES, PODS, SERVICES } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Clock } from '#base/clock.ts';
import type { InformerFactory } from '#client/informer.ts';
import type { ClusterSummary } from '../supervisor/messages.ts';
import { ClusterRows, type ClusterState } from './summary.ts';

/** Changes within this time make one report: a roll-out changes dozens of objects at once. */
const COALESCE_MS = 50;

/** Reports a summary of the cluster whenever one of its objects changes. Call it before the informers start. */
export function reportStatus(options: { readonly informers: InformerFactory; readonly clock: Clock; readonly report: (summary: ClusterSummary) => void }): void {
  const { informers, clock, report } = options;
  const rows = new ClusterRows();
  let isDue = false;
  let last = '';
  const send = (): void => {
    isDue = false;
    const summary = rows.summary();
    const text = JSON.stringify(summary);
    if (text === last) return;
    last = text;
    report(summary);
  };
  const changed = (): void => {
    if (isDue) return;
    isDue = true;
    clock.after(COALESCE_MS, send);
  };
  const follow = <K extends keyof ClusterState>(kind: K, resource: ResourceType<ClusterState[K][number]>): void => {
    const put = (object: ClusterState[K][number]): void => {
      rows.put(kind, object);
      changed();
    };
    const onDelete = (object: KubeObject): void => {
      rows.remove(kind, object);
      changed();
    };
    informers.informer(resource).subscribe({ onAdd: put, onUpdate: put, onDelete });
  };
  follow('nodes', NODES);
  follow('pods', PODS);
  follow('applications', APPLICATIONS);
  follow('deployments', DEPLOYMENTS);
  follow('jobs', JOBS);
  follow('services', SERVICES);
}
