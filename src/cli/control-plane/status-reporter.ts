import { APPLICATIONS, DEPLOYMENTS, JOBS, NODES, PODS, SERVICES } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Informer, InformerFactory } from '#client/informer.ts';
import type { ClusterSummary } from '../supervisor/messages.ts';
import { summarize } from './summary.ts';

/** Changes within this time make one report: a roll-out changes dozens of objects at once. */
const COALESCE_MS = 50;

/** Reports a summary of the cluster whenever one of its objects changes. Call it before the informers start. */
export function reportStatus(options: { readonly informers: InformerFactory; readonly clock: Clock; readonly report: (summary: ClusterSummary) => void }): void {
  const { informers, clock, report } = options;
  const [nodes, pods, applications, deployments, jobs, services] = [NODES, PODS, APPLICATIONS, DEPLOYMENTS, JOBS, SERVICES].map((r) => informers.informer<KubeObject>(r));
  const list = <T extends KubeObject>(informer: Informer<KubeObject> | undefined): readonly T[] => (informer?.lister.list() ?? []) as readonly T[];
  let isDue = false;
  let last = '';
  const send = (): void => {
    isDue = false;
    const summary = summarize({ nodes: list(nodes), pods: list(pods), applications: list(applications), deployments: list(deployments), jobs: list(jobs), services: list(services) });
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
  for (const informer of [nodes, pods, applications, deployments, jobs, services]) {
    informer?.subscribe({ onAdd: changed, onUpdate: changed, onDelete: changed });
  }
}
