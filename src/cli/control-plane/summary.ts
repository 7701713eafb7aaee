import type { Condition } from '#api/generated/meta/v1.ts';
import type { Node, Pod, Service } from '#api/generated/core/v1.ts';
import type { Deployment } from '#api/generated/apps/v1.ts';
import type { Job } from '#api/generated/batch/v1.ts';
import type { Application } from '#api/headway/v1/types.ts';
import type { ApplicationSummary, ClusterSummary, WorkloadSummary } from '../supervisor/messages.ts';

/** What runs, as the listers show it. */
export interface ClusterState {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly applications: readonly Application[];
  readonly deployments: readonly Deployment[];
  readonly jobs: readonly Job[];
  readonly services: readonly Service[];
}

export function summarize(state: ClusterState): ClusterSummary {
  const alive = state.pods.filter((p) => p.status?.phase !== 'Succeeded' && p.status?.phase !== 'Failed');
  return {
    nodes: { ready: count(state.nodes, (n) => isTrue(n.status?.conditions, 'Ready')), total: state.nodes.length },
    pods: { ready: count(alive, (p) => isTrue(p.status?.conditions, 'Ready')), total: alive.length },
    applications: state.applications.map(applicationSummary),
    workloads: [...state.deployments.map(deploymentRow), ...state.jobs.map(jobRow), ...state.services.map(serviceRow)],
  };
}

function applicationSummary(app: Application): ApplicationSummary {
  const status = app.status;
  const error = status?.errors?.[0];
  const place = error?.line === undefined ? error?.path : `${error.path}:${error.line}`;
  // Without an error in a file: the repository cannot be read, say.
  const unsynced = status?.conditions?.find((c) => c.type === 'Synced' && c.status === 'False');
  const unhealthy = status?.conditions?.find((c) => c.type === 'Healthy' && c.status === 'False');
  return {
    name: app.metadata.name,
    attemptedRevision: status?.attemptedRevision ?? '',
    syncedRevision: status?.syncedRevision ?? '',
    isSynced: isTrue(status?.conditions, 'Synced'),
    isHealthy: isTrue(status?.conditions, 'Healthy'),
    problem: error ? `${place}: ${error.message}` : (unsynced?.message ?? (unhealthy?.reason === 'Degraded' ? unhealthy.message : '')),
  };
}

function deploymentRow(d: Deployment): WorkloadSummary {
  return row('Deployment', d, `${d.status?.readyReplicas ?? 0}/${d.spec.replicas ?? 1} ready`);
}

function jobRow(j: Job): WorkloadSummary {
  const finished = j.status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True');
  return row('Job', j, finished?.type ?? `${j.status?.active ?? 0} active`);
}

function serviceRow(s: Service): WorkloadSummary {
  const port = s.spec.ports?.[0]?.port;
  return row('Service', s, port === undefined || port === 80 ? (s.spec.clusterIP ?? '') : `${s.spec.clusterIP}:${port}`);
}

const row = (kind: string, object: Deployment | Job | Service, state: string): WorkloadSummary => ({
  kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name, state,
});
const isTrue = (conditions: readonly Pick<Condition, 'type' | 'status'>[] | undefined, type: string): boolean =>
  conditions?.some((c) => c.type === type && c.status === 'True') ?? false;
const count = <T>(items: readonly T[], matches: (item: T) => boolean): number => items.filter(matches).length;
