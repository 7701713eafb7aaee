import { setMaxListeners } from 'node:events';
import type { CustomResourceDefinitionNames, CustomResourceDefinitionVersion } from '#api/generated/apiextensions/v1.ts';
import { compareVersions } from '#api/kube-version.ts';
import { groupResource, type ResourceType, type Verb } from '#api/resource-type.ts';
import type { CustomSchema } from '#api/structural/custom-schema.ts';
import { CustomConversion } from '../conversion/custom-conversion.ts';
import { type ConversionParts, WebhookConverter } from '../conversion/webhook-converter.ts';
import { type Definition, isTerminating } from './conditions.ts';
import type { SchemaEngine } from './schema-engine.ts';

const VERBS: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** The resource types that one state of a definition makes. */
export interface CustomTypes {
  readonly served: readonly ResourceType[];
  /** Of the version in which objects are stored, served or not. */
  readonly storage: ResourceType;
  /** Ends the watches of the types. */
  retire(): void;
}

/** Compiles the types of all versions. The definition was accepted, and so has exactly one version for storage. */
export function customTypesOf(definition: Definition, engine: SchemaEngine, parts: ConversionParts): CustomTypes {
  const { versions, group } = definition.spec;
  const retirement = new AbortController();
  setMaxListeners(0, retirement.signal);
  const schemas = new Map(versions.map((v) => [`${group}/${v.name}`, engine.compile(definition, v)]));
  const all = versions.map((version) => typeOf({ definition, version, schemas, signal: retirement.signal, parts }));
  const storage = all[versions.findIndex((v) => v.storage)] ?? all[0];
  if (storage === undefined) throw new TypeError(`definition ${definition.metadata.name} has no versions`);
  return { served: all.filter((_, i) => versions[i]?.served === true), storage, retire: () => retirement.abort() };
}

/** The same types, which make new objects or do not. */
export function withTerminating({ served, storage, retire }: CustomTypes, terminating: boolean): CustomTypes {
  const marked = (type: ResourceType): ResourceType => (type.custom ? { ...type, custom: { ...type.custom, isTerminating: terminating } } : type);
  return { served: served.map(marked), storage: marked(storage), retire };
}

interface TypeOptions {
  readonly definition: Definition;
  readonly version: CustomResourceDefinitionVersion;
  readonly schemas: ReadonlyMap<string, CustomSchema>;
  readonly signal: AbortSignal;
  readonly parts: ConversionParts;
}

function typeOf({ definition, version, schemas, signal, parts }: TypeOptions): ResourceType {
  const { spec } = definition;
  const names: CustomResourceDefinitionNames = definition.status?.acceptedNames?.plural ? definition.status.acceptedNames : spec.names;
  const { scale, status } = version.subresources ?? {};
  const storageVersion = spec.versions.find((v) => v.storage)?.name ?? version.name;
  const schema = schemas.get(`${spec.group}/${version.name}`) as CustomSchema;
  const deprecation = version.deprecated ? (version.deprecationWarning ?? deprecationOf(definition, version.name)) : undefined;
  const webhook = spec.conversion?.strategy === 'Webhook' ? spec.conversion.webhook : undefined;
  const conversion = new CustomConversion({
    storedAs: groupResource({ group: spec.group, plural: names.plural }), served: `${spec.group}/${version.name}`, stored: `${spec.group}/${storageVersion}`, schemas,
    ...(webhook ? { converter: new WebhookConverter(webhook, parts) } : {}),
  });
  return {
    group: spec.group, version: version.name, kind: names.kind, plural: names.plural, singular: names.singular || names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [], categories: names.categories ?? [], namespaced: spec.scope === 'Namespaced', verbs: VERBS,
    subresources: [...(status ? ['status'] : []), ...(scale ? ['scale'] : [])], ...(names.listKind ? { listKind: names.listKind } : {}), conversion,
    custom: {
      schema, columns: version.additionalPrinterColumns ?? [], selectableFields: version.selectableFields ?? [], storageVersion, retired: signal,
      isTerminating: isTerminating(definition),
      ...(scale ? { scale } : {}), ...(deprecation === undefined ? {} : { deprecation }), ...(version.schema?.openAPIV3Schema ? { published: version.schema.openAPIV3Schema } : {}),
    },
  };
}

/** Names the newest served version that is newer and not deprecated itself. */
function deprecationOf({ spec }: Definition, deprecated: string): string {
  const better = spec.versions.filter((v) => v.served && !v.deprecated && compareVersions(v.name, deprecated) < 0).map((v) => v.name).toSorted(compareVersions)[0];
  const message = `${spec.group}/${deprecated} ${spec.names.kind} is deprecated`;
  return better === undefined ? message : `${message}; use ${spec.group}/${better} ${spec.names.kind}`;
}
