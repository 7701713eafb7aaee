/**
 * The fact tables: what the API machinery knows about every type, generated from Kubernetes' Go sources by
 * `npm run generate` into `src/api/generated/<group>/<version>.json`. Facts only: names, types, numbers, merge rules.
 * Decoding, encoding, structural validation, OpenAPI, strategic merge and server-side apply all read these tables.
 */

/** Types with a JSON form of their own. `int64` and `double` are JSON numbers; `bytes` is base64; `JSON` is anything. */
export type ScalarType =
  | 'string' | 'bool' | 'int32' | 'int64' | 'double' | 'bytes'
  | 'Time' | 'MicroTime' | 'Duration' | 'Quantity' | 'IntOrString' | 'RawExtension' | 'FieldsV1' | 'JSON'
  | 'JSONSchemaPropsOrBool' | 'JSONSchemaPropsOrArray' | 'JSONSchemaPropsOrStringArray';

/** A {@link ScalarType}, a struct (`core/v1.Container`), a list (`[]` + type) or a map with string keys (`map[]` + type). */
export type TypeReference = string;

export interface FieldFacts {
  readonly type: TypeReference;
  /** Protobuf field number. */
  readonly proto?: number;
  /** A pointer in Go: protobuf leaves it out when it is unset, and writes every other field that is no list, map or bytes. */
  readonly pointer?: true;
  /** A list that is a message of its own in protobuf, with the items as field 1. */
  readonly wrapped?: true;
  /** Neither `omitempty` nor `+optional`, or `+required`: OpenAPI lists it among the required fields. */
  readonly required?: true;
  /** Go writes the field also when nobody set it: it is no pointer, and `omitempty` is absent or does not see that a struct is empty. */
  readonly zero?: true;
  /** How server-side apply merges a list; absent means atomic. */
  readonly list?: 'atomic' | 'set' | 'map';
  /** The keys of a `map` list. */
  readonly keys?: readonly string[];
  /** A map or struct that server-side apply replaces as a whole. */
  readonly atomic?: true;
  /** A map or struct that server-side apply merges by member here, although it may replace its type as a whole elsewhere. */
  readonly granular?: true;
  /** Strategic merge patch: the key of list items, and the directives (`merge`, `replace`, `retainKeys`). */
  readonly mergeKey?: string;
  readonly strategy?: string;
  /** The closed set of values; those of the items, if it is a list or a map. */
  readonly enum?: readonly string[];
  /** The default that the Go markers declare; others are code, see `<group>/<version>/defaults.ts`. */
  readonly default?: unknown;
}

/** A struct whose fields stand in the parent's JSON object, but in a message of their own in protobuf. */
export interface InlineFacts {
  readonly type: TypeReference;
  readonly proto?: number;
}

/** Of some fields at most one is set. */
export interface UnionFacts {
  /** The field whose value names the one that is set. */
  readonly discriminator?: string;
  /** By JSON name, the name in Go, which stands for the field in the discriminator. */
  readonly members: Readonly<Record<string, string>>;
}

export interface TypeFacts {
  /** Has `apiVersion` and `kind`. These two are not listed in `fields`. */
  readonly kind?: true;
  readonly atomic?: true;
  readonly union?: UnionFacts;
  readonly inline?: readonly InlineFacts[];
  readonly fields: Readonly<Record<string, FieldFacts>>;
}

/** What the doc comments of one type say. The files of descriptions are apart from the tables: src/api/descriptions.ts reads them. */
export interface TypeDescription {
  readonly description?: string;
  readonly fields?: Readonly<Record<string, string>>;
}
/** By the name of the type. */
export type Descriptions = Readonly<Record<string, TypeDescription>>;

export interface PackageFacts {
  /** `core/v1`, `apps/v1`: the prefix of type references. */
  readonly id: string;
  /** The API group (`''` is core); absent for packages that are no group, such as `meta/v1`. */
  readonly group?: string;
  readonly version: string;
  /** `k8s.io.api.core.v1`: prefix of the protobuf message names, and (reversed host) of OpenAPI names. */
  readonly protoPackage: string;
  readonly types: Readonly<Record<string, TypeFacts>>;
}
