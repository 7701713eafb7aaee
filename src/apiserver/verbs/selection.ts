import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { fieldPredicate } from '#api/selectors/fields.ts';
import { parseLabelSelector } from '#api/selectors/labels.ts';

/** Which objects of a collection a request is about; undefined is all of them. */
export type Selection = ((object: KubeObject) => boolean) | undefined;

/** From the name of the path and the two selectors. @throws StatusError BadRequest */
export function selectionOf(resource: ResourceType, query: Readonly<Record<string, string>>, name = ''): Selection {
  const { labelSelector = '', fieldSelector = '' } = query;
  const byLabels = labelSelector === '' ? undefined : parseLabelSelector(labelSelector);
  const byFields = fieldSelector === '' ? undefined : fieldPredicate(resource, fieldSelector);
  if (name === '' && !byLabels && !byFields) return undefined;
  return (object) =>
    (name === '' || object.metadata.name === name) && (byLabels === undefined || byLabels(object.metadata.labels ?? {})) && (byFields === undefined || byFields(object));
}
