import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';

/** What a Scale says of an object. */
export interface ScaleFacts {
  /** Undefined when the object does not have the field. */
  readonly specReplicas: number | undefined;
  readonly statusReplicas: number;
  /** In the form of a query; empty when there is none. */
  readonly selector: string;
}

/** Where workloads keep the number that is wanted; custom resources declare it. `.spec.replicas` */
export const replicasPath = (resource: ResourceType): string => resource.custom?.scale?.specReplicasPath ?? '.spec.replicas';

export function scaleFacts(resource: ResourceType, object: KubeObject): ScaleFacts {
  const { custom } = resource;
  if (custom === undefined) return { specReplicas: numberAt(object, '.spec.replicas') ?? 0, statusReplicas: numberAt(object, '.status.replicas') ?? 0, selector: selectorText(valueAt(object, '.spec.selector') as LabelSelector | undefined) };
  const selector = custom.scale?.labelSelectorPath === undefined ? undefined : valueAt(object, custom.scale.labelSelectorPath);
  return {
    specReplicas: numberAt(object, replicasPath(resource)), statusReplicas: numberAt(object, custom.scale?.statusReplicasPath ?? '') ?? 0,
    selector: typeof selector === 'string' ? selector : '',
  };
}

/** The object with the number at the path. */
export function withReplicas(resource: ResourceType, object: KubeObject, replicas: number): KubeObject {
  return setAt(object as unknown as JsonObject, stepsOf(replicasPath(resource)), replicas) as unknown as KubeObject;
}

/** The same as steps; none for a version of a custom resource that has no scale. */
export const replicasSteps = (resource: ResourceType): readonly string[] => (resource.custom !== undefined && resource.custom.scale === undefined ? [] : stepsOf(replicasPath(resource)));

const stepsOf = (path: string): readonly string[] => path.split('.').filter((step) => step !== '');

function valueAt(object: unknown, path: string): unknown {
  return stepsOf(path).reduce<unknown>((value, step) => (isJsonObject(value) ? value[step] : undefined), object);
}

function numberAt(object: unknown, path: string): number | undefined {
  const value = path === '' ? undefined : valueAt(object, path);
  return typeof value === 'number' ? value : undefined;
}

function setAt(object: JsonObject, [step = '', ...rest]: readonly string[], value: unknown): JsonObject {
  if (rest.length === 0) return { ...object, [step]: value };
  const member = object[step];
  return { ...object, [step]: setAt(isJsonObject(member) ? member : {}, rest, value) };
}

/** A selector in the form of a query: `app=web,tier in (a,b)`. */
function selectorText(selector: LabelSelector | Readonly<Record<string, string>> | undefined): string {
  if (selector === undefined) return '';
  const isStructured = 'matchLabels' in selector || 'matchExpressions' in selector;
  const structured: LabelSelector = isStructured ? (selector as LabelSelector) : { matchLabels: selector as Readonly<Record<string, string>> };
  const labels = Object.entries(structured.matchLabels ?? {}).map(([k, v]) => `${k}=${v}`);
  const expressions = (structured.matchExpressions ?? []).map((e) => {
    const values = (e.values ?? []).toSorted().join(',');
    return { In: `${e.key} in (${values})`, NotIn: `${e.key} notin (${values})`, Exists: e.key, DoesNotExist: `!${e.key}` }[e.operator] ?? '';
  });
  return [...labels, ...expressions].toSorted().join(',');
}
