import type { Condition } from '#api/generated/meta/v1.ts';
import type { Node, Pod, Service } from '#api/generated/core/v1.ts';
import type { Deployment } from '#api/generated/apps/v1.ts';
import type { Job } from '#api/generated/batch/v1.ts';
import { keyOf, type KubeObject } from '#api/object.ts';
import type { Application } from '#api/headway/v1/types.ts';
import type { ApplicationsSummary, ApplicationSummary, ClusterSummary, WorkloadSummary } from '../supervisor/messages.ts';

/** What runs, as the listers show it. */
export interface ClusterState {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly applications: readonly Application[];
  readonly deployments: readonly Deployment[];
  readonly jobs: readonly Job[];
  readonly services: readonly Service[];
}

type Kind = keyof ClusterState;
type ObjectOf<K extends Kind> = ClusterState[K][number];

/** As many rows of a kind are shown. */
const MAX_ROWS = 50;

/** What is shown of each object. A cluster has tens of thousands: each is looked at when it changes, not whenever something does. */
export class ClusterRows {
  readonly #isReady = { nodes: new Map<string, boolean>(), pods: new Map<string, boolean>() };
  readonly #applications = new Map<string, ApplicationSummary>();
  readonly #workloads = { deployments: new Map<string, WorkloadSummary>(), jobs: new Map<string, WorkloadSummary>(), services: new Map<string, WorkloadSummary>() };
  readonly #put: { readonly [K in Kind]: (key: string, object: ObjectOf<K>) => void } = {
    nodes: (key, node) => this.#isReady.nodes.set(key, isTrue(node.status?.conditions, 'Ready')),
    pods: (key, pod) => (isFinished(pod) ? this.#isReady.pods.delete(key) : this.#isReady.pods.set(key, isTrue(pod.status?.conditions, 'Ready'))),
    applications: (key, application) => this.#applications.set(key, applicationSummary(application)),
    deployments: (key, deployment) => this.#workloads.deployments.set(key, deploymentRow(deployment)),
    jobs: (key, job) => this.#workloads.jobs.set(key, jobRow(job)),
    services: (key, service) => this.#workloads.services.set(key, serviceRow(service)),
  };

  put<K extends Kind>(kind: K, object: ObjectOf<K>): void {
    this.#put[kind](keyOf(object), object);
  }

  remove(kind: Kind, object: KubeObject): void {
    const rows: ReadonlyMap<string, unknown> & { delete(key: string): boolean } = { ...this.#isReady, ...this.#workloads, applications: this.#applications }[kind];
    rows.delete(keyOf(object));
  }

  summary(): ClusterSummary {
    const workloads = Object.values(this.#workloads);
    return {
      nodes: readiness(this.#isReady.nodes),
      pods: readiness(this.#isReady.pods),
      applications: applicationsSummary([...this.#applications.values()]),
      workloads: { total: workloads.reduce((sum, rows) => sum + rows.size, 0), shown: workloads.flatMap((rows) => rows.values().take(MAX_ROWS).toArray()) },
    };
  }
}

export function summarize(state: ClusterState): ClusterSummary {
  const rows = new ClusterRows();
  const putAll = <K extends Kind>(kind: K): void => state[kind].forEach((object) => rows.put(kind, object));
  (Object.keys(state) as Kind[]).forEach(putAll);
  return rows.summary();
}

function readiness(rows: ReadonlyMap<string, boolean>): { readonly ready: number; readonly total: number } {
  return { ready: count(rows.values(), (isReady) => isReady), total: rows.size };
}

function applicationsSummary(all: readonly ApplicationSummary[]): ApplicationsSummary {
  const [ill, well] = [all.filter((app) => !isWell(app)), all.filter(isWell)];
  return {
    total: all.length, synced: count(all, (app) => app.isSynced), healthy: well.length, refused: count(ill, (app) => !app.isSynced && app.problem !== ''),
    shown: [...ill.filter((app) => app.problem !== ''), ...ill.filter((app) => app.problem === ''), ...well].slice(0, MAX_ROWS),
  };
}

const isWell = (app: ApplicationSummary): boolean => app.isSynced && app.isHealthy;
const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

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
function count<T>(items: Iterable<T>, matches: (item: T) => boolean): number {
  let matching = 0;
  for (const item of items) if (matches(item)) matching++;
  return matching;
}
