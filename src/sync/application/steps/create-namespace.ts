import { NAMESPACES } from '#api/resources.ts';
import { desiredObject } from '../../apply/desired-object.ts';
import { createsNamespace } from '../../apply/sync-options.ts';
import { identityOf } from '../../inventory/identity.ts';
import type { ApplicationState } from '../application-state.ts';
import type { GoodPlan, PlanRequest } from '../plan.ts';

/** The plan with the destination namespace before all else, where the Application asks for it. It is no part of the application, and stays. */
export async function withNamespace({ application, context }: ApplicationState, plan: GoodPlan, request: PlanRequest): Promise<GoodPlan> {
  const name = request.destinationNamespace;
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, annotations: { 'headway.dev/prune': 'disabled' } } };
  if (!createsNamespace(application) || plan.changed.length === 0 || plan.index.objects.has(identityOf(NAMESPACES, object))) return plan;
  const call = { client: context.clientFor(application), signal: request.signal };
  if (await context.applier.find({ resource: NAMESPACES, object }, call)) return plan;
  const { oid, author } = await request.repository.commit(request.revision);
  const desired = desiredObject({ object, path: request.paths[0] ?? '', line: 1, lineOf: () => 1 }, { commit: oid, author }, request);
  return 'identity' in desired ? { ...plan, changed: [desired, ...plan.changed] } : plan;
}
