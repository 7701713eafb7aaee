import type { Lease } from '#api/generated/coordination/v1.ts';
import type { ComponentStatus } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { COMPONENT_STATUSES, LEASES } from '#api/resources.ts';
import { groupResource } from '#api/resource-type.ts';
import { notFound } from '#api/status-error.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { itemOf, objectOutcome, type ListOutcome, type Outcome } from '../outcome.ts';
import { selectionOf } from '../verbs/selection.ts';

/** The store goes by the name that Kubernetes' has. */
const STORE = 'etcd-0';
/** Parts that run alone hold the leases of their namesakes; those within this process have none, and live as long as it. */
const LEASE_OF: Readonly<Record<string, string>> = { 'controller-manager': 'kube-controller-manager', scheduler: 'kube-scheduler' };
type Statuses = ComponentStatus & KubeObject;

/** The parts of the control plane that this server can tell of. */
export async function listComponents(env: Environment, { info, query }: Call): Promise<ListOutcome> {
  const selection = selectionOf(info.resource, query, info.name);
  const found = (await components(env)).filter((status) => selection === undefined || selection(status));
  return { type: 'list', resource: info.resource, metadata: { resourceVersion: '' }, items: found.map(itemOf) };
}

/** @throws StatusError NotFound */
export async function getComponent(env: Environment, { info }: Call): Promise<Outcome> {
  const found = (await components(env)).find((status) => status.metadata.name === info.name);
  if (found === undefined) throw notFound(COMPONENT_STATUSES, info.name);
  return objectOutcome(info.resource, found);
}

async function components(env: Environment): Promise<readonly Statuses[]> {
  const store = await env.store.revision().then(() => '', (error: unknown) => (error instanceof Error ? error.message : String(error)));
  const parts = Object.entries(LEASE_OF).flatMap(([part, name]) => {
    const lease = env.cache.get(groupResource(LEASES), 'kube-system', name)?.object as Lease | undefined;
    return lease === undefined ? [] : [statusOf(part, problemOf(lease, env.clock.now()))];
  });
  return [...parts, statusOf(STORE, store)].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function problemOf({ spec }: Lease, nowMs: number): string {
  const { holderIdentity, renewTime, leaseDurationSeconds = 0 } = spec;
  if (!holderIdentity) return 'nobody holds its lease';
  const isStale = renewTime === undefined || Date.parse(renewTime) + leaseDurationSeconds * 1000 < nowMs;
  return isStale ? `${holderIdentity} has not renewed its lease` : '';
}

/** An empty `error` is health. */
const statusOf = (name: string, error: string): Statuses => ({
  kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name },
  conditions: [{ type: 'Healthy', ...(error === '' ? { status: 'True', message: 'ok' } : { status: 'False', error }) }],
});
