import { rootCertificates } from 'node:tls';
import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import type { RuleCompiler } from '#api/structural/custom-schema.ts';
import { definitionWarnings } from '#api/structural/definition/warnings.ts';
import { dns1035Label } from '#api/names.ts';
import { validateCustomResourceDefinition } from '#api/structural/definition/validate-definition.ts';

const facts = loadSchema();
const rules: RuleCompiler = {
  compile(rule, _schema, { cardinality = 1 } = {}) {
    if (rule === 'wrong') throw new Error('compilation failed: no such thing');
    if (rule === 'too costly for all') throw Object.assign(new Error('estimated rule cost exceeds budget by factor of 20.0x'), { data: { kind: 'cost', cost: 200_000_000 } });
    if (rule === 'costly oldSelf') throw Object.assign(new Error('estimated rule cost exceeds budget by factor of 2.0x'), { data: { kind: 'cost', usesOldSelf: true } });
    if (rule === 'untyped') throw Object.assign(new Error('no type'), { data: { kind: 'untyped' } });
    if (rule === 'costly') throw Object.assign(new Error('estimated rule cost exceeds budget by factor of 2.0x'), { data: { kind: 'cost' } });
    return { usesOldSelf: rule.includes('oldSelf'), estimatedCost: cardinality, evaluate: () => true };
  },
};
const spec = (properties: Record<string, JSONSchemaProps>, more: JSONSchemaProps = {}): JSONSchemaProps => ({ type: 'object', ...more, properties: { spec: { type: 'object', properties } } });
const version = (more: Partial<CustomResourceDefinitionVersion> = {}): CustomResourceDefinitionVersion => ({ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: spec({ a: { type: 'string' } }) }, ...more });
const definition = (more: Partial<CustomResourceDefinition['spec']> = {}, status: object = {}): CustomResourceDefinition => applyDefaults(CUSTOM_RESOURCE_DEFINITIONS, {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'things.example.com' }, status,
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'things', kind: 'Thing' }, versions: [version()], ...more },
} as CustomResourceDefinition) as CustomResourceDefinition;
const words = (crd: CustomResourceDefinition, live?: CustomResourceDefinition): readonly string[] => validateCustomResourceDefinition(crd, live, { rules, facts }).map((c) => `${c.field}: ${c.message}`);
const withSchema = (openAPIV3Schema: JSONSchemaProps, more: Partial<CustomResourceDefinitionVersion> = {}): CustomResourceDefinition => definition({ versions: [version({ schema: { openAPIV3Schema }, ...more })] });

test('a definition gets its other names, its conversion and the version that it stores', (t) => {
  const crd = definition();
  t.deepEqual(crd.spec.names, { plural: 'things', kind: 'Thing', singular: 'thing', listKind: 'ThingList' });
  t.deepEqual(crd.spec.conversion, { strategy: 'None' });
  t.deepEqual(crd.status?.storedVersions, ['v1']);
  t.deepEqual(words(crd), []);
  t.is(applyDefaults(CUSTOM_RESOURCE_DEFINITIONS, crd), crd);
});

test('a bundle that cannot be read is refused once the definition is in force, unless it was so before', (t) => {
  const inForce = { conditions: [{ type: 'Established', status: 'True' }] };
  const hook = (text: string, status = {}): CustomResourceDefinition => definition({ conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://a.b', caBundle: Buffer.from(text).toString('base64') }, conversionReviewVersions: ['v1'] } } }, status);
  const live = (text: string, status: object = inForce): CustomResourceDefinition => ({ ...hook(text), status: { ...hook(text).status, ...status } }) as CustomResourceDefinition;
  const plain = { ...definition(), status: live('').status } as CustomResourceDefinition;
  t.deepEqual(words(hook('x')), []);
  t.deepEqual(words(hook('x'), definition()), []);
  t.deepEqual(words(hook('x'), plain), ['spec.conversion.webhookClientConfig.caBundle: Invalid value: "eA==": unable to load root certificates: unable to parse bytes as PEM block']);
  t.deepEqual(words(hook('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'), plain).length, 1);
  t.deepEqual(words(hook('x'), live('y')), []);
  t.deepEqual(words(hook(rootCertificates[0] ?? ''), plain), []);
});

/** An object in an object, and the one that it is unless somebody says otherwise. */
const embedded = (object: unknown, properties: Record<string, JSONSchemaProps> = {}): JSONSchemaProps => ({ type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true, properties, ...(object === undefined ? {} : { default: object }) });
const PROPERTIES = 'spec.validation.openAPIV3Schema.properties[spec].properties';
const refused: readonly (readonly [CustomResourceDefinition, readonly string[]])[] = [
  [{ ...definition(), metadata: { name: 'x' } }, ['metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group']],
  [{ ...definition(), metadata: { name: '' } }, []],
  [definition({ versions: [version({ name: '' })] }, { storedVersions: [''] }), [`spec.versions[0].name: Invalid value: "": ${dns1035Label('')[0]}`]],
  [definition({ versions: [version(), version()] }, { storedVersions: ['v1'] }), ['spec.versions: Invalid value: ["v1","v1"]: must contain unique version names', 'spec.versions: Invalid value: ["v1","v1"]: must have exactly one version marked as storage version', 'status.storedVersions: Invalid value: ["v1"]: must have the storage version v1']],
  [definition({ versions: [version({ deprecated: true, deprecationWarning: '\u0007' })] }), ['spec.versions[0].deprecationWarning: Invalid value: "\\u0007": must only contain printable UTF-8 characters; non-printable character found at index 0']],
  [definition({ versions: [{ name: 'v1', served: true, storage: true, selectableFields: [{ jsonPath: '.a' }] }] }), ['spec.versions[0].schema.openAPIV3Schema: Required value', 'spec.selectableFields: Invalid value: "": may only be set when validations.schema is included']],
  [definition({ versions: [version({ selectableFields: [{ jsonPath: '.spec.a' }] }), version({ name: 'v2', storage: false })] }), ['spec.versions[0].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included']],
  [definition({ versions: [version({ selectableFields: [{ jsonPath: '.spec.a' }] }), version({ name: 'v2', storage: false, selectableFields: [{ jsonPath: '.spec.a' }], schema: { openAPIV3Schema: spec({ a: { type: 'boolean' } }) } })] }), ['spec.selectableFields: Invalid value: "": may only be set when validations.schema is included']],
  [withSchema({ type: 'object', default: { spec: {} }, properties: { spec: { type: 'object' } } }), ['spec.validation.openAPIV3Schema.default.apiVersion: Required value', 'spec.validation.openAPIV3Schema.default.kind: Required value']],
  [withSchema(spec({ a: { 'x-kubernetes-int-or-string': true, default: true } })), []],
  [withSchema(spec({ a: { type: 'object', additionalProperties: { type: 'string' }, default: { k: 1 } } })), [`${PROPERTIES}[a].default.k: Invalid value: "integer": .k in body must be of type string: "integer"`]],
  [withSchema(spec({ a: { type: 'array', items: [] } })), [`${PROPERTIES}[a].items: Required value: must be specified`]],
  [withSchema(spec({ a: { type: 'array', items: { type: 'object', 'x-kubernetes-map-type': 'granular' }, 'x-kubernetes-list-type': 'set' } })), [`${PROPERTIES}[a].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`]],
  [{ ...definition({ group: 'example' }), metadata: { name: 'things.example' } }, ['spec.group: Invalid value: "example": should be a domain with at least one dot']],
  [definition({ scope: 'Wide' }), ['spec.scope: Unsupported value: "Wide": supported values: "Cluster", "Namespaced"']],
  [definition({ names: { plural: 'things', kind: 'Thing', listKind: 'Thing' } }), ['spec.names.listKind: Invalid value: "Thing": kind and listKind may not be the same']],
  [definition({ versions: [version(), version({ storage: false })] }), ['spec.versions: Invalid value: ["v1","v1"]: must contain unique version names']],
  [definition({ versions: [version({ storage: false })] }, { storedVersions: ['v1'] }), ['spec.versions: Invalid value: ["v1"]: must have exactly one version marked as storage version']],
  [definition({ versions: [{ name: 'v1', served: true, storage: true }] }), ['spec.versions[0].schema.openAPIV3Schema: Required value']],
  [definition({}, { storedVersions: ['v0', 'v1'] }), ['status.storedVersions[0]: Invalid value: "v0": missing from spec.versions; v0 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v0 and removes v0 from status.storedVersions']],
  [definition({ versions: [version(), version({ name: 'v2' })] }, { storedVersions: ['v3'] }), ['spec.versions: Invalid value: ["v1","v2"]: must have exactly one version marked as storage version',
    'status.storedVersions: Invalid value: ["v3"]: must have the storage version v1', 'status.storedVersions: Invalid value: ["v3"]: must have the storage version v2',
    'status.storedVersions[0]: Invalid value: "v3": missing from spec.versions; v3 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v3 and removes v3 from status.storedVersions']],
  [{ ...withSchema(spec({ a: { type: 'string', default: 'x' } })), spec: { ...withSchema(spec({ a: { type: 'string', default: 'x' } })).spec, preserveUnknownFields: true } }, ['spec.preserveUnknownFields: Invalid value: true: must be false in order to use defaults in the schema',
    'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead']],
  [withSchema({ 'x-kubernetes-preserve-unknown-fields': false }), ['spec.validation.openAPIV3Schema.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined']],
  [withSchema({ $schema: 'x' }), ["spec.validation.openAPIV3Schema: Invalid value: \"\": OpenAPIV3Schema 'schema' is not supported"]],
  [withSchema(spec({ a: { type: 'array', items: [{ type: 'string' }], 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] } })), [`${PROPERTIES}[a].items: Forbidden: items must be a schema object and not an array`, `${PROPERTIES}[a].items: Invalid value: [{"type":"string"}]: must only have a single schema if x-kubernetes-list-type is map`]],
  [withSchema(spec({ a: embedded({ kind: 1, metadata: {} }) })), [`${PROPERTIES}[a].default.kind: Invalid value: 1: must be a string`]],
  [withSchema(spec({ a: embedded({ kind: 'Foo', metadata: { name: 1 } }) })), [`${PROPERTIES}[a].default.metadata: Invalid value: {"name":1}: json: cannot unmarshal number into Go struct field ObjectMeta.name of type string`]],
  [withSchema(spec({ a: embedded(undefined, { kind: { type: 'string', default: '%' } }) })), [`${PROPERTIES}[a].properties[kind].default: Invalid value: "%": must result in valid metadata: kind: Invalid value: "%": may have mixed case, but should otherwise match: ${dns1035Label('%')[0]}`]],
  [withSchema(spec({ a: embedded(undefined, { metadata: { type: 'object', properties: { name: { type: 'string', default: 'a/b' } } } }) })), [`${PROPERTIES}[a].properties[metadata].properties[name].default: Invalid value: "a/b": must result in valid metadata: metadata.name: Invalid value: "a/b": may not contain '/'`]],
  [withSchema(spec({ a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'wrong' }] }, b: { type: 'object', 'x-kubernetes-map-type': 'odd', 'x-kubernetes-validations': [{ rule: 'wrong' }] } })), [`${PROPERTIES}[b].x-kubernetes-map-type: Unsupported value: "odd": supported values: "atomic", "granular"`,
    `${PROPERTIES}[a].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"wrong","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: no such thing`]],
  [definition({ preserveUnknownFields: true }), ['spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead']],
  [definition({ conversion: { strategy: 'Webhook' } }), ['spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook', 'spec.conversion.conversionReviewVersions: Required value']],
  [definition({ conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://a.b' }, conversionReviewVersions: ['v2'] } } }), ['spec.conversion.conversionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1']],
  [{ ...definition({ group: 'x.k8s.io' }), metadata: { name: 'things.x.k8s.io' } }, ['metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111']],
  [withSchema(spec({ a: {} })), [`${PROPERTIES}[a].type: Required value: must not be empty for specified object fields`]],
  [withSchema(spec({ a: { type: 'array' } })), [`${PROPERTIES}[a].items: Required value: must be specified`]],
  [withSchema(spec({ a: { type: 'thing' } })), [`${PROPERTIES}[a].type: Unsupported value: "thing": supported values: "array", "boolean", "integer", "number", "object", "string"`]],
  [withSchema(spec({ a: { type: 'string', anyOf: [{ type: 'string' }] } })), [`${PROPERTIES}[a].anyOf[0].type: Forbidden: must be empty to be structural`]],
  [withSchema(spec({ a: { type: 'string' } }, { anyOf: [{ properties: { spec: { properties: { b: { minimum: 1 } } } } }] })), [`${PROPERTIES}[b]: Required value: because it is defined in spec.validation.openAPIV3Schema.anyOf[0].properties[spec].properties[b]`]],
  [withSchema(spec({ a: { type: 'string', pattern: '(?=x)' } })), [`${PROPERTIES}[a].pattern: Invalid value: "(?=x)": must be a valid regular expression, but isn't: error parsing regexp: invalid or unsupported Perl syntax: \`(?=\``]],
  [withSchema({ type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } }), ['spec.validation.openAPIV3Schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified']],
  [withSchema(spec({ a: { type: 'string', default: 1 } })), [`${PROPERTIES}[a].default: Invalid value: "integer":  in body must be of type string: "integer"`]],
  [withSchema(spec({ a: { type: 'object', default: { x: 1 } } })), [`${PROPERTIES}[a].default: Invalid value: {"x":1}: must not have unknown fields`]],
  [withSchema(spec({ a: { type: 'array', uniqueItems: true, items: { type: 'string' } } })), [`${PROPERTIES}[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`]],
  [withSchema(spec({ a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: false } })), [`${PROPERTIES}[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`]],
  [withSchema(spec({ a: { type: 'array', items: { type: 'object', properties: { k: { type: 'string' } } }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] } })), [`${PROPERTIES}[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`]],
  [withSchema(spec({ a: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'set' } })), [`${PROPERTIES}[a].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`]],
  [withSchema(spec({ a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'costly' }] } })), [`${PROPERTIES}[a].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.0x`]],
  [withSchema(spec({ a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'too costly for all' }] } })), [
    `${PROPERTIES}[a].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 20.0x`,
    `${PROPERTIES}[a].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
    `${PROPERTIES.replace(/\.properties.*/, '')}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 2.0x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`,
  ]],
  [definition({ versions: [version({ name: 'V1' })] }), ['spec.versions[0].name', 'spec.version'].map((field) => `${field}: Invalid value: "V1": ${dns1035Label('V1')[0]}`)],
  [withSchema(spec({ a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'wrong' }] } })), [`${PROPERTIES}[a].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"wrong","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: no such thing`]],
  [withSchema(spec({ a: { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'oldSelf' }] } } })), [`${PROPERTIES}[a].items.x-kubernetes-validations[0].rule: Invalid value: "oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${PROPERTIES}[a]`]],
  [withSchema(spec({ a: { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'costly oldSelf' }] } } })), [`${PROPERTIES}[a].items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.0x`,
    `${PROPERTIES}[a].items.x-kubernetes-validations[0].rule: Invalid value: "costly oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${PROPERTIES}[a]`]],
  [withSchema(spec({ a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'wrong', messageExpression: 'wrong', optionalOldSelf: true }] } })), [`${PROPERTIES}[a].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"wrong","Message":"","MessageExpression":"wrong","Reason":null,"FieldPath":"","OptionalOldSelf":true}: compilation failed: no such thing`,
    `${PROPERTIES}[a].x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`]],
  [withSchema(spec({ a: { 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-validations': [{ rule: 'untyped' }, { rule: 'untyped' }] } })), [`${PROPERTIES}[a].x-kubernetes-validations: Internal error: internal error: failed to construct type information for x-kubernetes-validations rules: no type`]],
  [withSchema(spec({ a: { type: 'string' } }), { additionalPrinterColumns: [{ name: '', type: 'int', jsonPath: 'x' }] }), ['spec.additionalPrinterColumns[0].name: Required value', 'spec.additionalPrinterColumns[0].type: Invalid value: "int": must be one of boolean,date,integer,number,string', 'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "x": must be a simple json path starting with .']],
  [withSchema(spec({ a: { type: 'string' } }), { subresources: { scale: { specReplicasPath: '.status.n', statusReplicasPath: '' } } }), ['spec.subresources.scale.specReplicasPath: Invalid value: ".status.n": should be a json path under .spec', 'spec.subresources.scale.statusReplicasPath: Required value']],
  [withSchema(spec({ a: { type: 'object' } }), { selectableFields: [{ jsonPath: '.spec.a' }, { jsonPath: '.spec.b' }, { jsonPath: ".spec['a']" }] }), ['spec.selectableFields[0].jsonPath: Invalid value: ".spec.a": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.', 'spec.selectableFields[1].jsonPath: Invalid value: ".spec.b": is an invalid path: does not refer to a valid field', "spec.selectableFields[2].jsonPath: Invalid value: \".spec['a']\": is an invalid path: array notation is not allowed"]],
];
for (const [i, [crd, expected]] of refused.entries()) test(`definition ${i}: ${expected[0] ?? 'accepted'}`, (t) => t.deepEqual(words(crd), expected));

for (const [text, isApproved] of [['https://github.com/a/b', true], ['ftp://a', true], ['unapproved', true], ['https:///x', false], [' https://a', false], ['/x', false], ['mailto:a@b', false]] as const) {
  test(`whether a definition of a protected group is approved by ${JSON.stringify(text)}`, (t) => {
    const crd = { ...definition({ group: 'x.k8s.io' }), metadata: { name: 'things.x.k8s.io', annotations: { 'api-approved.kubernetes.io': text } } };
    t.is(words(crd).length, isApproved ? 0 : 1);
  });
}

test('what versions have for themselves is named by version', (t) => {
  const versions = [version(), version({ name: 'v2', storage: false, schema: { openAPIV3Schema: spec({ a: {} }) } })];
  t.deepEqual(words(definition({ versions })), ['spec.versions[1].schema.openAPIV3Schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields']);
});

test('names and scope stay once the definition is established', (t) => {
  const live = definition({}, { storedVersions: ['v1'], conditions: [{ type: 'Established', status: 'True' }] });
  t.deepEqual(words({ ...live, spec: { ...live.spec, scope: 'Cluster', names: { ...live.spec.names, kind: 'Other' } } }, live), ['spec.scope: Invalid value: "Cluster": field is immutable', 'spec.names.kind: Invalid value: "Other": field is immutable']);
});

test('a schema that was accepted before is not checked again', (t) => {
  const live = withSchema(spec({ a: {} }));
  t.deepEqual(words({ ...live, metadata: { ...live.metadata, labels: { a: 'b' } } }, live), []);
});

test('a definition without a spec is refused, never a crash', (t) => {
  const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'a' } } as unknown as CustomResourceDefinition;
  t.true(words(crd).includes('spec.group: Required value'));
  t.deepEqual(definitionWarnings(crd), []);
});

test('formats that are not checked are told, once', (t) => {
  const crd = withSchema(spec({ a: { type: 'string', format: 'odd' }, b: { type: 'integer', format: 'int32' } }));
  t.deepEqual(definitionWarnings(crd), ['unrecognized format "odd"']);
  t.deepEqual(definitionWarnings(crd, crd), []);
});
