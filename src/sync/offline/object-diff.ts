import jsonPatch, { type Operation } from 'fast-json-patch';
import { AUTHOR_ANNOTATION, COMMIT_ANNOTATION, PATH_ANNOTATION } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { yamlOf } from '#api/yaml-text.ts';
import { lineDiff } from './line-diff.ts';

export interface ObjectDiff {
  /** RFC 6902, from the object before to the object after. */
  readonly patch: readonly Operation[];
  /** The same for people: a unified diff of both as YAML, keys in order, so that what only moved is no change. */
  readonly diff: string;
}

const ORIGINS = [COMMIT_ANNOTATION, PATH_ANNOTATION, AUTHOR_ANNOTATION];

/** How two states of an object differ in what people declare. What is secret has been hidden before. */
export function diffObjects(before: KubeObject, after: KubeObject): ObjectDiff {
  const [old, now] = [plainValue(before), plainValue(after)];
  return { patch: jsonPatch.compare(old, now), diff: lineDiff(yamlOf(old), yamlOf(now)) };
}

/** Without what the server keeps, and without where sync says that the object comes from. */
export function withoutOrigin(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = object as KubeObject & { readonly status?: unknown };
  const { managedFields: _fields, resourceVersion: _version, generation: _generation, uid: _uid, creationTimestamp: _time, annotations = {}, ...metadata } = object.metadata;
  const kept = Object.entries(annotations).filter(([name]) => !ORIGINS.includes(name));
  return { ...rest, metadata: { ...metadata, ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}) } };
}

/** JSON has no integers beyond 2^53; they are compared as text. */
const plainValue = (object: KubeObject): object => JSON.parse(JSON.stringify(object, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))) as object;
