import type { ListMeta } from '#api/generated/meta/v1.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { KubeObject } from '#api/object.ts';
import type { EncodedObject } from '#api/conversion.ts';

/** What a verb answers, before it is given a form (JSON, YAML, Table, or the plain object in process). */
export type Outcome = ObjectOutcome | ListOutcome | DocumentOutcome;

export interface ObjectOutcome {
  readonly type: 'object';
  readonly status: number;
  readonly resource: ResourceType;
  readonly object: KubeObject;
  /** Ready bytes of the object. */
  readonly json?: () => Buffer;
}

export interface ListOutcome {
  readonly type: 'list';
  readonly resource: ResourceType;
  readonly metadata: ListMeta;
  readonly items: readonly Item[];
}
/** A cached object, or one made by this request. */
export interface Item {
  readonly object: KubeObject;
  /** Of a cached one. */
  readonly revision?: number;
  json(): Buffer;
}

/** Any other JSON answer: a Status, a review, a discovery document. */
export interface DocumentOutcome {
  readonly type: 'document';
  readonly status: number;
  readonly body: unknown;
  /** Names the state of a document that clients keep and ask for again. */
  readonly etag?: string;
}

export const objectOutcome = (resource: ResourceType, object: KubeObject, status = 200): ObjectOutcome => ({ type: 'object', status, resource, object });
export const cachedOutcome = (resource: ResourceType, cached: EncodedObject): ObjectOutcome =>
  ({ type: 'object', status: 200, resource, object: cached.object, json: () => cached.json() });
export const documentOutcome = (body: unknown, status = 200): DocumentOutcome => ({ type: 'document', status, body });
export const itemOf = (object: KubeObject): Item => ({ object, json: () => Buffer.from(JSON.stringify(object)) });
export const listKind = (resource: ResourceType): string => resource.listKind ?? `${resource.kind}List`;

/** Lists of custom resources have no type in Kubernetes that leaves out what is empty. */
export const listMetadata = ({ resource, metadata }: ListOutcome): ListMeta => (resource.custom === undefined ? metadata : { continue: '', ...metadata });

/** The answer as one value. */
export function bodyOf(outcome: Outcome): unknown {
  switch (outcome.type) {
    case 'object': return outcome.object;
    case 'document': return outcome.body;
    case 'list': return { kind: listKind(outcome.resource), apiVersion: apiVersionOf(outcome.resource), metadata: listMetadata(outcome), items: outcome.items.map((i) => i.object) };
  }
}
