import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { badRequest, unlessRefused } from '#api/status-error.ts';

export interface FieldRequirement {
  readonly path: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

const EVERY_KIND = ['metadata.name', 'metadata.namespace'];
/** Kinds outside of namespaces with fields of their own know none; all others take the field, and none of their objects has it. */
const WITHOUT_NAMESPACE: ReadonlySet<string> = new Set(['nodes', 'namespaces', 'certificatesigningrequests.certificates.k8s.io', 'resourceslices.resource.k8s.io']);
const EVENT_FIELDS = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
/** By `plural.group`; custom resources declare theirs and are not here. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'spec.host', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'spec.hostNetwork', 'status.phase', 'status.podIP', 'status.podIPs', 'status.nominatedNodeName'],
  nodes: ['spec.unschedulable'],
  events: [...EVENT_FIELDS.map((f) => `involvedObject.${f}`), 'reason', 'reportingComponent', 'source', 'type'],
  'events.events.k8s.io': [...EVENT_FIELDS.map((f) => `regarding.${f}`), 'reason', 'reportingController', 'type'],
  secrets: ['type'],
  namespaces: ['status.phase'],
  services: ['spec.clusterIP', 'spec.type'],
  replicationcontrollers: ['status.replicas'],
  'replicasets.apps': ['status.replicas'],
  'jobs.batch': ['status.successful'],
  'certificatesigningrequests.certificates.k8s.io': ['spec.signerName'],
  'resourceslices.resource.k8s.io': ['spec.nodeName', 'spec.driver'],
};
/** Fields that stand elsewhere in the object than their name says. */
const READERS: Readonly<Record<string, (object: unknown) => string>> = {
  source: (object) => textAt(object, 'source.component') || textAt(object, 'reportingComponent'),
  'status.successful': (object) => textAt(object, 'status.succeeded') || '0',
  'status.replicas': (object) => textAt(object, 'status.replicas') || '0',
  'spec.unschedulable': (object) => textAt(object, 'spec.unschedulable') || 'false',
  // The name that it had in the first clients.
  'spec.host': (object) => textAt(object, 'spec.nodeName'),
  'spec.hostNetwork': (object) => textAt(object, 'spec.hostNetwork') || 'false',
};

/**
 * `metadata.name=a,status.phase!=Running`; commas, equal signs and backslashes in values are escaped with a backslash.
 * @throws StatusError BadRequest.
 */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  const terms = text.split(UNESCAPED_COMMA).filter((term) => term !== '');
  const requirements = terms.sort().map((term): FieldRequirement => {
    const [, path = '', operator, value = ''] = /^(.*?)(!=|==|=)(.*)$/s.exec(term) ?? [];
    if (operator === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    return { path, operator: operator === '!=' ? '!=' : '=', value: unescaped(value) };
  });
  // A lone equal sign asks for nothing.
  return requirements.filter(({ path, value }) => path !== '' || value !== '');
}
/** Undefined when the text is no selector. */
export const tryParseFieldSelector = (text: string): readonly FieldRequirement[] | undefined => unlessRefused(() => parseFieldSelector(text));

/** One behind a backslash that is not itself behind one separates nothing. */
const UNESCAPED_COMMA = /(?<=(?<!\\)(?:\\\\)*),/;

function unescaped(value: string): string {
  return value.replaceAll(/\\(.?)|[,=]/gsu, (match, escaped?: string) => {
    if (escaped === undefined) throw badRequest(`invalid field selector: unescaped character in value: ${match.charCodeAt(0)}`);
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') throw badRequest(`invalid field selector: invalid escape sequence: ${match}`);
    return escaped;
  });
}

/**
 * Whether an object has the selected values.
 * @throws StatusError BadRequest for fields by which the kind cannot be selected.
 */
export function fieldPredicate(resource: ResourceType, text: string): (object: KubeObject) => boolean {
  const requirements = parseFieldSelector(text);
  const wrong = requirements.find(({ path }) => !isSelectable(resource, path));
  if (wrong !== undefined) throw badRequest(refusal(resource, wrong.path));
  return (object) => requirements.every(({ path, operator, value }) => ((READERS[path] ?? ((o) => textAt(o, path)))(object) === value) === (operator === '='));
}

function isSelectable(resource: ResourceType, path: string): boolean {
  if (path === 'metadata.namespace' && (resource.custom !== undefined || WITHOUT_NAMESPACE.has(groupResource(resource)))) return resource.namespaced;
  if (EVERY_KIND.includes(path) || FIELDS[groupResource(resource)]?.includes(path)) return true;
  // A field that can be selected is a plain path: no brackets, no filters.
  return resource.custom?.selectableFields.some(({ jsonPath }) => jsonPath.replace(/^\./, '') === path) === true;
}

/** Kinds with fields of their own say it in other words than those without. */
const refusal = (resource: ResourceType, path: string): string =>
  (resource.custom !== undefined || FIELDS[groupResource(resource)] !== undefined ? `field label not supported: ${path}` : `"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`);

function textAt(object: unknown, path: string): string {
  let value = object;
  for (const step of path.split('.')) value = isJsonObject(value) ? value[step] : undefined;
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}
