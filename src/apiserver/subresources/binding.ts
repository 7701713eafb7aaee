import type { Binding, Pod, PodCondition } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { PODS } from '#api/resources.ts';
import { badRequest, conflict, plainError } from '#api/status-error.ts';
import { Problems } from '#api/validation/problems.ts';
import { formatTime } from '#base/clock.ts';
import { writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { trackUpdate } from '#api/apply/managed-fields.ts';
import { admitSubresource } from './admit.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { requireSameObject } from '../storage/preconditions.ts';

/** What these conflicts are about, as clients read it. */
const BINDING_OF_POD = { group: '', kind: 'Binding', plural: 'pods/binding' };

/** Gives a pod its node, once. @throws StatusError Conflict when it has one, is going away, waits at a gate, or is not the pod that was meant */
export async function bind(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const context = writeContext(call);
  const type = { apiVersion: 'v1', kind: 'Binding' };
  const sent = call.body as Binding & KubeObject;
  requireBinding(sent, name);
  const binding = await admitSubresource(env, call.info, { operation: 'CREATE', object: sent, type, context });
  requireBinding(binding, name);
  await guaranteedUpdate(env, { resource, namespace, name }, async ({ object }) => {
    const pod = object as Pod & KubeObject;
    const { uid, resourceVersion } = binding.metadata;
    requireSameObject(resource, pod, { uid: uid || undefined, resourceVersion: resourceVersion || undefined });
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
  const { name } = (call.body as Binding & KubeObject).metadata;
  if (!name) throw badRequest('name must be provided');
  return bind(env, { ...call, info: { ...call.info, resource: PODS, name, subresource: 'binding' } });
}

/** What is wrong with it is no Status in Kubernetes, and so an error of the server. */
function requireBinding({ metadata, target }: Binding & KubeObject, name: string): void {
  if (metadata.name !== name) throw badRequest('name in URL does not match name in Binding object');
  const problems = new Problems();
  if (target?.kind && target.kind !== 'Node') problems.notSupported('target.kind', target.kind, ['Node', '<empty>']);
  if (!target?.name) problems.required('target.name');
  const faults = problems.causes.map(({ field, message }) => `${field}: ${message}`);
  if (faults.length > 0) throw plainError(faults.length > 1 ? `[${faults.join(', ')}]` : faults.join(''));
}

/** The generation stays: a pod begins with 1 for the node that runs it. */
function boundPod(pod: Pod & KubeObject, binding: Binding & KubeObject, now: string): KubeObject {
  const scheduled: PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: now };
  const before = pod.status?.conditions ?? [];
  const conditions = before.some(isScheduled) ? before.map((c) => (isScheduled(c) ? scheduled : c)) : [...before, scheduled];
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  const { annotations, labels } = binding.metadata ?? {};
  return {
    ...pod,
    metadata: { ...pod.metadata, ...(annotations ? { annotations: { ...pod.metadata.annotations, ...annotations } } : {}), ...(labels ? { labels: { ...pod.metadata.labels, ...labels } } : {}) },
    spec: { ...pod.spec, nodeName: binding.target.name },
    status: { ...status, conditions },
  } as KubeObject;
}

const isScheduled = ({ type }: PodCondition): boolean => type === 'PodScheduled';
