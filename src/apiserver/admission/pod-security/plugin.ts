import type { Container, Pod, PodTemplateSpec } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { type GroupResource, groupResource } from '#api/resource-type.ts';
import { forbidden } from '#api/status-error.ts';
import type { Environment } from '../../environment.ts';
import type { AnyObject } from '../../registry/strategy.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import type { PodShape } from './check.ts';
import type { Exemptions, PodSecurityConfiguration } from './configuration.ts';
import { detailOf, violationsOf } from './evaluate.ts';
import { checkNamespace } from './namespace-change.ts';
import { levelText, type LevelVersion, type PodSecurityPolicy, policyOf } from './policy.ts';

/** Prefix of what the audit log is told. */
const ANNOTATION = 'pod-security.kubernetes.io/';
const spec = (object: AnyObject): PodTemplateSpec | undefined => object.spec?.['template'] as PodTemplateSpec | undefined;
/** Where each kind keeps the template of its pods. */
const TEMPLATES: Readonly<Record<GroupResource, (object: AnyObject) => PodTemplateSpec | undefined>> = {
  podtemplates: (object) => (object as AnyObject & { readonly template?: PodTemplateSpec }).template,
  replicationcontrollers: spec, 'replicasets.apps': spec, 'deployments.apps': spec, 'statefulsets.apps': spec, 'daemonsets.apps': spec, 'jobs.batch': spec,
  'cronjobs.batch': (object) => (object.spec?.['jobTemplate'] as AnyObject | undefined)?.spec?.['template'] as PodTemplateSpec | undefined,
};
/** A first look that costs nothing. */
const PLURALS: ReadonlySet<string> = new Set(['pods', 'namespaces', ...Object.keys(TEMPLATES)].map((name) => name.split('.', 1)[0] ?? ''));
/** Subresources of pods whose writes carry a pod. */
const POD_SUBRESOURCES: ReadonlySet<string> = new Set(['', 'ephemeralcontainers', 'resize']);

/** Holds pods to the level that their namespace's labels name, and warns of templates that would break it. */
export const podSecurity = (configuration: PodSecurityConfiguration): AdmissionPlugin => ({
  name: 'PodSecurity',
  handles({ operation, resource, subresource }) {
    if ((operation !== 'CREATE' && operation !== 'UPDATE') || !PLURALS.has(resource.plural)) return false;
    const name = groupResource(resource);
    return name === 'pods' ? POD_SUBRESOURCES.has(subresource) : subresource === '' && (name === 'namespaces' || Object.hasOwn(TEMPLATES, name));
  },
  validate(request, env) {
    const name = groupResource(request.resource);
    if (name === 'namespaces') return checkNamespace(request, env, configuration);
    const isExempt = isExemptBy(configuration.exemptions, request);
    if (isExempt) return request.context.audit?.(`${ANNOTATION}exempt`, isExempt);
    if (name === 'pods') checkPod(request, env, configuration);
    else checkTemplate(request, env, configuration);
  },
});

/** By what a request is exempt before anybody looks at its pod. */
function isExemptBy({ namespaces, usernames }: Exemptions, { namespace, context }: AdmissionRequest): 'namespace' | 'user' | undefined {
  if (namespaces.has(namespace)) return 'namespace';
  return usernames.has(context.user.name) ? 'user' : undefined;
}

function hasExemptRuntime({ spec }: PodShape, { exemptions }: PodSecurityConfiguration, { context }: AdmissionRequest): boolean {
  const isExempt = exemptions.runtimeClasses.has(spec.runtimeClassName ?? '');
  if (isExempt) context.audit?.(`${ANNOTATION}exempt`, 'runtimeClass');
  return isExempt;
}

/** @throws StatusError Forbidden */
function checkPod(request: AdmissionRequest, env: Environment, configuration: PodSecurityConfiguration): void {
  const { resource, name, object, live, context } = request;
  const { enforce, audit, warn } = policyIn(env, request, configuration);
  const pod = object as Pod & KubeObject;
  const isFree = [enforce, audit, warn].every(({ level }) => level === 'privileged');
  if (!isFree && live !== undefined && !isSignificant(pod, live as Pod & KubeObject)) return;
  if (!isFree && hasExemptRuntime(pod, configuration, request)) return;
  context.audit?.(`${ANNOTATION}enforce-policy`, levelText(enforce));
  if (isFree) return;
  record(pod, audit, context);
  const violations = violationsOf(pod, enforce);
  if (violations.length > 0) throw forbidden(resource, name, `violates PodSecurity "${levelText(enforce)}": ${detailOf(violations)}`);
  warnOf(pod, warn, context);
}

function checkTemplate(request: AdmissionRequest, env: Environment, configuration: PodSecurityConfiguration): void {
  const { resource, object, context } = request;
  const { audit, warn } = policyIn(env, request, configuration);
  if (audit.level === 'privileged' && warn.level === 'privileged') return;
  const template = TEMPLATES[groupResource(resource)]?.(object as AnyObject);
  if (template?.spec === undefined) return;
  const pod = { metadata: template.metadata ?? {}, spec: template.spec };
  if (hasExemptRuntime(pod, configuration, request)) return;
  record(pod, audit, context);
  warnOf(pod, warn, context);
}

/** What would not pass stands in the audit log, whether or not it passed. */
function record(pod: PodShape, level: LevelVersion, context: AdmissionRequest['context']): void {
  const violations = context.audit === undefined ? [] : violationsOf(pod, level);
  if (violations.length > 0) context.audit?.(`${ANNOTATION}audit-violations`, `would violate PodSecurity "${levelText(level)}": ${detailOf(violations)}`);
}

function warnOf(pod: PodShape, level: LevelVersion, context: AdmissionRequest['context']): void {
  const violations = violationsOf(pod, level);
  if (violations.length > 0) context.warn(`would violate PodSecurity "${levelText(level)}": ${detailOf(violations)}`);
}

/** A namespace that the same transaction makes counts with the labels that it gets. */
function policyIn(env: Environment, { namespace, context }: AdmissionRequest, { defaults }: PodSecurityConfiguration): PodSecurityPolicy {
  const present = env.cache.get('namespaces', '', namespace)?.object.metadata.labels;
  const sent = context.newNamespaces?.get(namespace)?.metadata.labels;
  return policyOf(sent ? { ...present, ...sent } : present, defaults).policy;
}

const ANNOTATIONS = ['seccomp.security.alpha.kubernetes.io/pod', 'container.seccomp.security.alpha.kubernetes.io/'] as const;

/** Whether an update changes what the levels look at: images, old seccomp annotations, ephemeral containers. */
function isSignificant(pod: Pod & KubeObject, live: Pod & KubeObject): boolean {
  const text = ({ metadata, spec: { containers, initContainers, ephemeralContainers } }: Pod & KubeObject): string => {
    const images = (list: readonly Pick<Container, 'name' | 'image'>[] | undefined) => (list ?? []).map(({ name, image }) => [name, image]);
    const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => ANNOTATIONS.some((prefix) => key.startsWith(prefix))).toSorted();
    return JSON.stringify([images(containers), images(initContainers), images(ephemeralContainers), annotations]);
  };
  return text(pod) !== text(live);
}
