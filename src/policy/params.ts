import type { ParamKind, ParamRef } from '#api/generated/admissionregistration/v1.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { PolicyRequest } from './policy-request.ts';

/** Where the objects that configure policies are read. */
export interface ParamSource {
  /** Undefined when no such kind is served. */
  scopeOf(kind: ParamKind): 'Namespaced' | 'Cluster' | undefined;
  /** `namespace` is empty for cluster-scoped kinds. */
  get(kind: ParamKind, namespace: string, name: string): KubeObject | undefined;
  list(kind: ParamKind, namespace: string, selector: LabelSelector): readonly KubeObject[];
}

/** The parameters for which a policy is evaluated, each by itself; `null` is one evaluation without. Or why there are none. */
export type ParamsResult = { readonly params: readonly (KubeObject | null)[] } | ParamsProblem;

export interface ParamsProblem {
  readonly problem: string;
  /** The policy itself is wrong, whatever its bindings say. */
  readonly isOfPolicy?: true;
}

const WITHOUT: ParamsResult = { params: [null] };

export function collectParams(kind: ParamKind | undefined, ref: ParamRef | undefined, request: PolicyRequest, source: ParamSource): ParamsResult {
  if (!kind) return WITHOUT;
  const scope = source.scopeOf(kind);
  if (!scope) return { problem: `failed to find resource referenced by paramKind: '${kind.apiVersion ?? ''}, Kind=${kind.kind ?? ''}'`, isOfPolicy: true };
  if (!ref) return WITHOUT;
  if (scope === 'Cluster' && ref.namespace) return { problem: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' };
  const namespace = scope === 'Cluster' ? '' : ref.namespace || request.namespace;
  if (scope === 'Namespaced' && namespace === '') return { problem: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' };
  const params = find(kind, ref, namespace, source);
  if (params.length === 0 && ref.parameterNotFoundAction === 'Deny') return { problem: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
  return { params };
}

function find(kind: ParamKind, ref: ParamRef, namespace: string, source: ParamSource): readonly KubeObject[] {
  if (ref.selector) return source.list(kind, namespace, ref.selector);
  const found = source.get(kind, namespace, ref.name ?? '');
  return found ? [found] : [];
}
