import type { ResourceQuota } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { GroupResource } from '#api/resource-type.ts';
import { CLAIMS_EVALUATOR } from './claims.ts';
import { DEVICE_CLAIMS_EVALUATOR } from './device-claims.ts';
import type { QuotaEvaluator, ScopeRequirement } from './evaluator.ts';
import { objectCountEvaluator } from './object-count.ts';
import { PODS_EVALUATOR } from './pods.ts';
import { SERVICES_EVALUATOR } from './services.ts';

const OWN: Readonly<Record<GroupResource, QuotaEvaluator>> = Object.fromEntries([PODS_EVALUATOR, SERVICES_EVALUATOR, CLAIMS_EVALUATOR, DEVICE_CLAIMS_EVALUATOR].map((e) => [e.resource, e]));
/** Never counted: they come in floods, and go by themselves. */
const IGNORED: ReadonlySet<GroupResource> = new Set(['events', 'events.events.k8s.io']);

/** How objects of a resource count; undefined for those that never do. */
export const evaluatorOf = (resource: GroupResource): QuotaEvaluator | undefined => OWN[resource] ?? (IGNORED.has(resource) ? undefined : objectCountEvaluator(resource));

/** All that an object must meet to count towards the quota. */
export const scopesOf = ({ spec }: ResourceQuota): readonly ScopeRequirement[] =>
  [...(spec?.scopes ?? []).map((scopeName): ScopeRequirement => ({ scopeName, operator: 'Exists' })), ...(spec?.scopeSelector?.matchExpressions ?? [])];

export const isInScopes = (quota: ResourceQuota, evaluator: QuotaEvaluator, object: KubeObject): boolean => scopesOf(quota).every((scope) => evaluator.isInScope(scope, object));
