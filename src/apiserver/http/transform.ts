import type { ListMeta } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { StatusError } from '#api/status-error.ts';
import { tableColumns, tableRow } from '#api/table/index.ts';
import type { Outcome } from '../outcome.ts';
import type { MediaType } from './media-type.ts';

const META = 'meta.k8s.io/v1';
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TransformOptions {
  readonly media: MediaType;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
}

/** How much of each object a Table carries. @throws StatusError BadRequest */
export function includeObjectOf(value: string | undefined): IncludeObject {
  if (value === undefined || value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw new StatusError('BadRequest', `unrecognized includeObject value: ${JSON.stringify(value)}`);
}

/** The answer as a Table or as bare metadata; undefined when it is wanted as it is. */
export function transform(outcome: Outcome, options: TransformOptions): object | undefined {
  if (options.media.as === 'object' || outcome.type === 'document') return undefined;
  const items = outcome.type === 'list' ? outcome.items.map((i) => i.object) : [outcome.object];
  const metadata: ListMeta = outcome.type === 'list' ? outcome.metadata : { resourceVersion: outcome.object.metadata.resourceVersion };
  if (options.media.as === 'Table') return tableOf(outcome.resource, items, metadata, options);
  if (outcome.type === 'list') return { kind: 'PartialObjectMetadataList', apiVersion: META, metadata, items: items.map(partial) };
  return partial(outcome.object);
}

/** One object of a watch; only the first Table names the columns. */
export function transformEvent(resource: ResourceType, object: KubeObject, options: TransformOptions, isFirst: boolean): object {
  if (options.media.as !== 'Table') return partial(object);
  const table = tableOf(resource, [object], { resourceVersion: object.metadata.resourceVersion }, options);
  return isFirst ? table : { ...table, columnDefinitions: null };
}

export function tableOf(resource: ResourceType, items: readonly KubeObject[], metadata: ListMeta, options: TransformOptions) {
  const rows = items.map((object) => ({ cells: tableRow(resource, object, options.nowMs), object: embedded(object, options.includeObject) }));
  return { kind: 'Table', apiVersion: META, metadata, columnDefinitions: tableColumns(resource), rows };
}

function embedded(object: KubeObject, include: IncludeObject): object | null {
  switch (include) {
    case 'None': return null;
    case 'Metadata': return partial(object);
    case 'Object': return object;
  }
}

const partial = (object: KubeObject): object => ({ kind: 'PartialObjectMetadata', apiVersion: META, metadata: object.metadata });
