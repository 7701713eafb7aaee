import type { Binding, Pod, PodCondition } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { PODS } from '#api/resources.ts';
import { badRequest, conflict } from '#api/status-error.ts';
import { formatTime } from '#base/clock.ts';
import { writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { trackUpdate } from '#api/apply/managed-fields.ts';
import { admitSubresource } from './admit.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';

/** What these conflicts are about, as clients read it. */
const BINDING_OF_POD = { group: '', kind: 'Binding', plural: 'pods/binding' };

/** Gives a pod its node, once. @throws StatusError Conflict when it has one, is going away, waits at a gate, or is not the pod that was meant */
export async function bind(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const context = writeContext(call);
  const type = { apiVersion: 'v1', kind: 'Binding' };
  const binding = requireBinding(await admitSubresource(env, call.info, { operation: 'CREATE', object: requireBinding(call.body), type, context }));
  await guaranteedUpdate(env, { resource, namespace, name }, async ({ object }) => {
    const pod = object as Pod & KubeObject;
    if (binding.metadata?.uid && binding.metadata.uid !== pod.metadata.uid) throw conflict(resource, name, `Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${pod.metadata.uid ?? ''}`);
    if (pod.metadata.deletionTimestamp !== undefined) throw conflict(BINDING_OF_POD, name, `pod ${name} is being deleted, cannot be assigned to a host`);
    if (pod.spec?.nodeName) throw conflict(BINDING_OF_POD, name, `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
    if ((pod.spec?.schedulingGates ?? []).length > 0) throw conflict(BINDING_OF_POD, name, `pod ${name} has non-empty .spec.schedulingGates`);
    const bound = boundPod(pod, binding, formatTime(env.clock.now()));
    const tracked = trackUpdate(env.schema, resource, { live: pod, updated: bound, manager: context.fieldManager, now: formatTime(env.clock.now()), subresource: 'binding' });
    return context.dryRun ? { type: 'keep', object: tracked } : { type: 'put', object: tracked };
  });
  return documentOutcome({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201);
}

/** `POST` to `bindings`: the pod is the one that the Binding is named after. @throws StatusError as {@link bind} */
export function bindNamed(env: Environment, call: Call): Promise<Outcome> {
  const { name } = requireBinding(call.body).metadata;
  if (!name) throw badRequest('name must be provided');
  return bind(env, { ...call, info: { ...call.info, resource: PODS, name, subresource: 'binding' } });
}

function requireBinding(body: unknown): Binding & KubeObject {
  const binding = body as (Binding & KubeObject) | null | undefined;
  const target = binding?.target;
  if (!target?.name) throw badRequest('target.name: Required value');
  if (target.kind && target.kind !== 'Node') throw badRequest(`target.kind: Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`);
  return binding as Binding & KubeObject;
}

/** The generation stays: a pod begins with 1 for the node that runs it. */
function boundPod(pod: Pod & KubeObject, binding: Binding & KubeObject, now: string): KubeObject {
  const scheduled: PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: now };
  const conditions = [...(pod.status?.conditions ?? []).filter((c) => c.type !== 'PodScheduled'), scheduled];
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  const { annotations, labels } = binding.metadata ?? {};
  return {
    ...pod,
    metadata: { ...pod.metadata, ...(annotations ? { annotations: { ...pod.metadata.annotations, ...annotations } } : {}), ...(labels ? { labels: { ...pod.metadata.labels, ...labels } } : {}) },
    spec: { ...pod.spec, nodeName: binding.target.name },
    status: { ...status, conditions },
  } as KubeObject;
}
