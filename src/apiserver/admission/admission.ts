import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import type { WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import { checkEscalation } from '../authz/escalation.ts';
import { restrictNodeCreate, restrictNodeUpdate } from './node-restriction.ts';
import { requireNamespace } from './namespace-lifecycle.ts';
import { withDefaultTolerations } from './default-tolerations.ts';
import { withPriority } from './priority.ts';
import { withServiceAccount } from './service-account.ts';

export interface UpdateAdmission {
  readonly resource: ResourceType;
  readonly subresource: string;
  readonly object: KubeObject;
  readonly live: KubeObject;
  readonly context: WriteContext;
}

/** The order is that of Kubernetes: what changes objects first, then what only refuses. @throws StatusError */
export async function admitCreate(env: Environment, resource: ResourceType, object: KubeObject, context: WriteContext): Promise<KubeObject> {
  if (resource.namespaced) await requireNamespace(env, resource, object, context);
  restrictNodeCreate(resource, object, context.user);
  if (resource.group === 'rbac.authorization.k8s.io') checkEscalation(env, resource, object, context.user);
  return groupResource(resource) === 'pods' ? admitPod(env, resource, object) : object;
}

export async function admitUpdate(env: Environment, input: UpdateAdmission): Promise<KubeObject> {
  restrictNodeUpdate(input, input.context.user);
  if (input.resource.group === 'rbac.authorization.k8s.io') checkEscalation(env, input.resource, input.object, input.context.user);
  return input.object;
}

async function admitPod(env: Environment, resource: ResourceType, object: KubeObject): Promise<KubeObject> {
  const withAccount = await withServiceAccount(env, resource, object);
  return withPriority(env, resource, withDefaultTolerations(withAccount));
}
