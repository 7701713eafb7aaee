import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { fieldPredicate, parseFieldSelector } from '#api/selectors/fields.ts';
import { parseLabelSelector } from '#api/selectors/labels.ts';
import { badRequest } from '#api/status-error.ts';
import type { Call } from '../call.ts';

/** Which objects of a collection a request is about; undefined is all of them. */
export type Selection = ((object: KubeObject) => boolean) | undefined;

/** From the name of the path and the two selectors. @throws StatusError BadRequest */
export function selectionOf(resource: ResourceType, query: Readonly<Record<string, string>>, name = ''): Selection {
  const { labelSelector = '', fieldSelector = '' } = query;
  const byLabels = labelSelector === '' ? undefined : parseLabelSelector(labelSelector);
  const byFields = fieldSelector === '' ? undefined : fieldPredicate(resource, fieldSelector);
  if (name !== '' && fieldSelector !== '') requireName(name, fieldSelector);
  if (name === '' && !byLabels && !byFields) return undefined;
  return (object) =>
    (name === '' || object.metadata.name === name) && (byLabels === undefined || byLabels(object.metadata.labels ?? {})) && (byFields === undefined || byFields(object));
}

/** The one namespace that a field selector leaves of all of them, or else that of the request. */
export function selectedNamespace({ resource, namespace }: Pick<Call['info'], 'resource' | 'namespace'>, { fieldSelector = '' }: Call['query']): string {
  if (namespace !== '' || !resource.namespaced || !fieldSelector.includes('metadata.namespace')) return namespace;
  return parseFieldSelector(fieldSelector).find(({ path, operator }) => path === 'metadata.namespace' && operator === '=')?.value ?? '';
}

/** Who names one object by the path may select by no other name. */
function requireName(name: string, fieldSelector: string): void {
  const wanted = parseFieldSelector(fieldSelector).find(({ path, operator }) => path === 'metadata.name' && operator === '=');
  if (wanted?.value !== name) throw badRequest("fieldSelector metadata.name doesn't match requested name");
}
