import type { ListMeta } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { badRequest } from '#api/status-error.ts';
import { inRowOrder, rowConditions, tableColumns, tableRow } from '#api/table/index.ts';
import type { ListOutcome, ObjectOutcome, Outcome } from '../outcome.ts';
import { SCALE } from '../subresources/scale-type.ts';
import { INITIAL_EVENTS_END } from '../verbs/watch.ts';
import { notAcceptableBecause, type MediaType } from './media-type.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TransformOptions {
  readonly media: MediaType;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
}

/** How much of each object a Table carries; no other form asks for it. @throws StatusError BadRequest */
export function includeObjectOf({ as }: Pick<MediaType, 'as'>, value: string | undefined): IncludeObject {
  if (as !== 'Table' || value === undefined || value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`);
}

/** The answer as a Table or as bare metadata; undefined when it is wanted as it is. @throws StatusError NotAcceptable */
export function transform(outcome: Outcome, options: TransformOptions): object | undefined {
  const { media } = options;
  if (media.as === 'object') return undefined;
  if (outcome.type === 'document') return transformDocument(outcome.body, options);
  if (media.as === 'Table') return tableOutcome(outcome, options);
  if (outcome.type === 'list') return partialList(outcome, media);
  if (media.as === 'PartialObjectMetadataList') throw notAcceptableBecause(`you requested PartialObjectMetadataList, but the requested object is not a list (${goType(outcome.resource)})`);
  return partial(outcome.object, media);
}

/** A Status is what it is; an object that belongs to no resource (a Scale, a review) has metadata too. Of these a Scale has columns. */
function transformDocument(body: unknown, options: TransformOptions): object | undefined {
  const { kind, metadata } = (body ?? {}) as Partial<KubeObject>;
  if (kind === 'Status' || metadata === undefined) return undefined;
  if (options.media.as !== 'Table') return partial({ metadata }, options.media);
  return kind === 'Scale' ? tableOf(SCALE, [body as KubeObject], { resourceVersion: metadata.resourceVersion }, options) : undefined;
}

function tableOutcome(outcome: ObjectOutcome | ListOutcome, options: TransformOptions): object {
  if (outcome.type === 'list') return tableOf(outcome.resource, outcome.items.map((i) => i.object), outcome.metadata, options);
  return tableOf(outcome.resource, [outcome.object], { resourceVersion: outcome.object.metadata.resourceVersion }, options);
}

function partialList({ resource, metadata, items }: ListOutcome, media: MediaType): object {
  if (media.as !== 'PartialObjectMetadataList') throw notAcceptableBecause(`you requested PartialObjectMetadata, but the requested object is a list (${goType(resource)}List)`);
  return { kind: 'PartialObjectMetadataList', apiVersion: metaVersion(media), metadata, items: items.map((item) => partial(item.object, media)) };
}

/** One object of a watch; only the first Table names the columns. */
export function transformEvent(resource: ResourceType, object: KubeObject, options: TransformOptions, isFirst: boolean): object {
  if (options.media.as !== 'Table') return partial(object, options.media);
  const table = tableOf(resource, [object], { resourceVersion: object.metadata.resourceVersion }, options);
  return isFirst ? table : { ...table, columnDefinitions: null };
}

export function tableOf(resource: ResourceType, items: readonly KubeObject[], metadata: ListMeta, options: TransformOptions) {
  const rows = inRowOrder(resource, items).map((object) => {
    const conditions = rowConditions(resource, object);
    return { cells: tableRow(resource, object, options.nowMs), ...(conditions && { conditions }), object: embedded(object, options) };
  });
  return { kind: 'Table', apiVersion: metaVersion(options.media), metadata, columnDefinitions: tableColumns(resource), rows };
}

function embedded(object: KubeObject, { includeObject, media }: TransformOptions): object | null {
  switch (includeObject) {
    // The end of the initial events is told by an annotation, whatever is asked for.
    case 'None': return object.metadata.annotations?.[INITIAL_EVENTS_END] === 'true' ? partial(object, media) : null;
    case 'Metadata': return partial(object, media);
    case 'Object': return object;
  }
}

export const metaVersion = (media: MediaType): string => `meta.k8s.io/${media.version}`;
export const partial = (object: Pick<KubeObject, 'metadata'>, media: MediaType): { readonly kind: string; readonly apiVersion: string; readonly metadata: KubeObject['metadata'] } =>
  ({ kind: 'PartialObjectMetadata', apiVersion: metaVersion(media), metadata: object.metadata });

/** How Kubernetes names a type in this error. */
const goType = (resource: ResourceType): string => (resource.custom ? '*unstructured.Unstructured' : `*${resource.group === '' ? 'core' : (resource.group.split('.')[0] ?? '')}.${resource.kind}`);
