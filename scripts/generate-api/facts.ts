/** Turns Go declarations into the fact table of one package. The table's shape: src/api/facts.ts. */
import type { FieldFacts, InlineFacts, PackageFacts, TypeFacts } from '#api/facts.ts';
import type { GoField, GoStruct, Markers, Packages } from './go-source.ts';
import { enumConstants } from './go-enums.ts';
import { type ApiPackage, API_PACKAGES } from './packages.ts';

/** Go types with a JSON form of their own; the names are the scalars of src/api/facts.ts. */
export const SCALARS: Readonly<Record<string, string>> = {
  string: 'string', bool: 'bool', int: 'int64', int32: 'int32', int64: 'int64', uint32: 'int64', uint64: 'int64',
  float64: 'double', '[]byte': 'bytes', byte: 'int32', any: 'JSON',
  'meta/v1.Time': 'Time', 'meta/v1.MicroTime': 'MicroTime', 'meta/v1.Duration': 'Duration', 'meta/v1.FieldsV1': 'FieldsV1',
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'Quantity',
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'IntOrString',
  'k8s.io/apimachinery/pkg/runtime.RawExtension': 'RawExtension',
  'k8s.io/apimachinery/pkg/runtime.Object': 'RawExtension',
  'k8s.io/apimachinery/pkg/types.UID': 'string',
  'k8s.io/apimachinery/pkg/types.NodeName': 'string',
  'apiextensions/v1.JSON': 'JSON',
  'apiextensions/v1.JSONSchemaPropsOrBool': 'JSONSchemaPropsOrBool',
  'apiextensions/v1.JSONSchemaPropsOrArray': 'JSONSchemaPropsOrArray',
  'apiextensions/v1.JSONSchemaPropsOrStringArray': 'JSONSchemaPropsOrStringArray',
};

export function packageFacts(api: ApiPackage, packages: Packages): PackageFacts {
  const go = packages.get(api.id);
  if (!go) throw new Error(`package ${api.id} was not read`);
  const types: Record<string, TypeFacts> = {};
  for (const struct of go.structs.values()) {
    if (`${api.id}.${struct.name}` in SCALARS) continue;
    types[struct.name] = typeFacts(struct, api, packages);
  }
  return {
    id: api.id,
    ...(api.group === undefined ? {} : { group: api.group }),
    version: api.version,
    protoPackage: api.path.replaceAll('-', '_').replaceAll('/', '.'),
    types,
  };
}

function typeFacts(struct: GoStruct, api: ApiPackage, packages: Packages): TypeFacts {
  const fields: Record<string, FieldFacts> = {};
  const inline: InlineFacts[] = [];
  for (const field of struct.fields) {
    const [json, ...flags] = (field.tags['json'] ?? '').split(',');
    if (json === '-') continue;
    const type = resolve(field.type, api, packages);
    if (!json) {
      if (type.ref !== 'meta/v1.TypeMeta') inline.push({ type: type.ref, ...protoOf(field) });
      continue;
    }
    fields[json] = fieldFacts(field, flags, type, api, packages);
  }
  const hasTypeMeta = struct.fields.some((f) => f.type.endsWith('TypeMeta') && f.tags['json']?.startsWith(','));
  return {
    ...(hasTypeMeta ? { kind: true as const } : {}),
    ...(struct.markers.get('structType')?.[0] === 'atomic' ? { atomic: true as const } : {}),
    ...unionOf(struct),
    ...(inline.length > 0 ? { inline } : {}),
    fields,
  };
}

/** All fields but the discriminator are members (kube-openapi, `parseUnionStruct`). */
function unionOf({ markers, fields }: GoStruct): Pick<TypeFacts, 'union'> {
  if (!markers.has('union')) return {};
  const named = fields.map((field) => ({ json: field.tags['json']?.split(',')[0] ?? '', field })).filter(({ json }) => json !== '' && json !== '-');
  const isDiscriminator = ({ field }: { readonly field: GoField }): boolean => field.markers.has('unionDiscriminator');
  const discriminator = named.find(isDiscriminator)?.json;
  const members = Object.fromEntries(named.filter((one) => !isDiscriminator(one)).map(({ json, field }) => [json, field.name]));
  return { union: { ...(discriminator === undefined ? {} : { discriminator }), members } };
}

function fieldFacts(field: GoField, flags: readonly string[], type: Resolved, api: ApiPackage, packages: Packages): FieldFacts {
  const m = field.markers;
  const omitEmpty = flags.includes('omitempty') || flags.includes('omitzero');
  const optional = m.has('optional') || (omitEmpty && !m.has('required'));
  const isPointer = field.type.startsWith('*');
  const isZeroWritten = !isPointer && !flags.includes('omitzero') && (!omitEmpty || isStruct(type.ref));
  const listType = m.get('listType')?.[0] ?? type.markers?.get('listType')?.[0];
  const keys = m.get('listMapKey') ?? [];
  const relation = relationOf(m) ?? relationOf(type.markers);
  const defaultValue = defaultOf(m, api, packages);
  return {
    type: type.ref,
    ...protoOf(field),
    ...(isPointer ? { pointer: true as const } : {}),
    ...(type.markers?.has('protobuf.nullable') ? { wrapped: true as const } : {}),
    ...(optional ? {} : { required: true as const }),
    ...(isZeroWritten ? { zero: true as const } : {}),
    ...(listType ? { list: listType as NonNullable<FieldFacts['list']> } : {}),
    ...(keys.length > 0 ? { keys } : {}),
    ...(relation === 'atomic' || relation === 'granular' ? { [relation]: true as const } : {}),
    ...(field.tags['patchMergeKey'] ? { mergeKey: field.tags['patchMergeKey'] } : {}),
    ...(field.tags['patchStrategy'] ? { strategy: field.tags['patchStrategy'] } : {}),
    ...(type.enum ? { enum: type.enum } : {}),
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
  };
}

/** Whether the members of a map or struct belong together; what a field says counts before what its type says. */
const relationOf = (markers: Markers | undefined): string | undefined => (markers?.get('structType') ?? markers?.get('mapType'))?.[0];

/** Structs of Go, among them those that JSON writes as a scalar. */
const STRUCTS: ReadonlySet<string> = new Set(['Time', 'MicroTime', 'Duration', 'Quantity', 'IntOrString', 'RawExtension', 'FieldsV1']);
const isStruct = (ref: string): boolean => STRUCTS.has(ref) || (ref.includes('.') && !ref.startsWith('[]') && !ref.startsWith('map[]'));

function protoOf(field: GoField): { proto?: number } {
  const number = field.tags['protobuf']?.split(',')[1];
  return number ? { proto: Number(number) } : {};
}

function defaultOf(markers: Markers, api: ApiPackage, packages: Packages): unknown {
  const text = markers.get('default')?.[0];
  if (text === undefined) return undefined;
  const constant = /^ref\((?:.*\.)?(\w+)\)$/.exec(text)?.[1];
  if (!constant) return JSON.parse(text) as unknown;
  const value = packages.get(api.id)?.constantValues.get(constant);
  if (value === undefined) throw new Error(`${api.id}: default refers to the unknown constant ${constant}`);
  return value;
}

interface Resolved {
  readonly ref: string;
  readonly enum?: readonly string[];
  readonly markers?: Markers;
}

/** A Go type as a reference of the fact table: a scalar, `core/v1.Container`, `[]X` or `map[]X`. */
function resolve(goType: string, api: ApiPackage, packages: Packages): Resolved {
  const type = goType.replace(/^\*/, '');
  if (type in SCALARS) return { ref: SCALARS[type] ?? '' };
  if (type.startsWith('[]')) {
    const item = resolve(type.slice(2), api, packages);
    return { ref: `[]${item.ref}`, ...(item.enum ? { enum: item.enum } : {}) };
  }
  const map = /^map\[([\w.]+)\](.+)$/.exec(type);
  if (map?.[2]) {
    const item = resolve(map[2], api, packages);
    return { ref: `map[]${item.ref}`, ...(item.enum ? { enum: item.enum } : {}) };
  }
  return resolveNamed(type, api, packages);
}

function resolveNamed(type: string, api: ApiPackage, packages: Packages): Resolved {
  const [prefix, name] = type.includes('.') ? (type.split('.') as [string, string]) : ['', type];
  const path = prefix === '' ? api.path : packages.get(api.id)?.imports.get(prefix);
  const target = API_PACKAGES.find((p) => p.path === path);
  const full = `${target?.id ?? path}.${name}`;
  if (full in SCALARS) return { ref: SCALARS[full] ?? '' };
  if (!target) throw new Error(`${api.id}: unknown type ${type} of ${path}`);
  const go = packages.get(target.id);
  if (go?.structs.has(name)) {
    const markers = go.structs.get(name)?.markers;
    return { ref: full, ...(markers ? { markers } : {}) };
  }
  const named = go?.named.get(name);
  if (!named) throw new Error(`${api.id}: type ${full} is not declared`);
  const values = enumConstants(name, target, packages)?.map((c) => c.value);
  return { ...resolve(named.type, target, packages), markers: named.markers, ...(values ? { enum: values } : {}) };
}
