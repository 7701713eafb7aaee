import type { KubeObject } from '#api/object.ts';
import type { Operation } from '../admission/plugin.ts';
import type { WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { ResourceInfo } from '../request-info.ts';

/** A write to a subresource, or a connection to one. */
export interface SubresourceRequest {
  readonly operation: Operation;
  /** Of the subresource's own kind: Scale, Eviction, PodExecOptions; apiVersion and kind may be missing. */
  readonly object: object;
  /** The kind that the subresource takes when the object does not say it. */
  readonly type: { readonly apiVersion: string; readonly kind: string };
  readonly live?: KubeObject;
  readonly context: WriteContext;
}

interface Checked<T> {
  readonly object: T;
  /** Throws what the object is in itself refused for: after it was changed, and before anybody judges it. */
  readonly check?: (admitted: T) => void;
}

/** Puts what is sent to a subresource through admission; the result is what admission made of it. @throws StatusError */
export async function admitSubresource<T extends object>(env: Environment, { resource, subresource, namespace, name }: ResourceInfo, input: SubresourceRequest & Checked<T>): Promise<T> {
  const { operation, live, context, type, check } = input;
  const sent = input.object as T & Partial<KubeObject>;
  const metadata = operation === 'CONNECT' ? {} : { metadata: { ...sent.metadata, name: sent.metadata?.name || name, ...(resource.namespaced ? { namespace } : {}) } };
  const object = { ...sent, apiVersion: sent.apiVersion ?? type.apiVersion, kind: sent.kind ?? type.kind, ...metadata } as T & KubeObject;
  const request = { operation, resource, subresource, namespace, name, object, ...(live ? { live } : {}), context };
  const admitted = operation === 'CONNECT' ? object : ((await env.admission.mutate(env, request)) as T & KubeObject);
  check?.(admitted);
  await env.admission.validate(env, admitted === object ? request : { ...request, object: admitted });
  return admitted;
}
