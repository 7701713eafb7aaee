import type { CustomResourceDefinition, CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from '#api/generated/apiextensions/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { immutable } from '#api/validation/object-meta.ts';
import { Problems } from '#api/validation/problems.ts';
import { schemasIn } from '../schema-parts.ts';
import { checkBundle, checkConversion } from './conversion.ts';
import type { DefaultsContext } from './default-values.ts';
import { checkApproval, checkGroup, checkNames, checkNamesGiven, label } from './names.ts';
import { checkSchema } from './schema-form.ts';
import { checkColumn, checkDeprecation, checkSelectable, checkSubresources } from './version-parts.ts';

export type DefinitionContext = DefaultsContext;

/**
 * What forbids a definition with its defaults, or its change from `live`, beyond what every object's metadata must be. Paths are those
 * of Kubernetes: what all versions have alike is named without them (`spec.validation`). Schemas that were accepted before are not checked again.
 */
export function validateCustomResourceDefinition(crd: CustomResourceDefinition, live: CustomResourceDefinition | undefined, context: DefinitionContext): readonly StatusCause[] {
  const problems = new Problems();
  const spec = completeSpec(crd);
  const name = `${spec.names.plural}.${spec.group}`;
  if (live === undefined && crd.metadata.name && crd.metadata.name !== name) problems.invalid('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group');
  checkSpec(problems, spec, live?.spec, context);
  if (live !== undefined) checkChange(problems, spec, live);
  checkNames(problems, crd.status?.acceptedNames ?? {}, 'status.acceptedNames');
  checkStored(problems, spec, crd.status?.storedVersions);
  checkApproval(problems, crd, spec.group, live);
  if (spec.preserveUnknownFields === true && live?.spec.preserveUnknownFields !== true) {
    problems.invalid('spec.preserveUnknownFields', true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead');
  }
  return problems.causes;
}

/** What was left out is empty, and found wanting. */
function completeSpec({ spec }: { readonly spec?: Partial<CustomResourceDefinitionSpec> | undefined }): CustomResourceDefinitionSpec {
  const { group = '', scope = '', versions = [], names } = spec ?? {};
  return { ...spec, group, scope, versions, names: { ...names, plural: names?.plural ?? '', kind: names?.kind ?? '' } };
}

function checkSpec(problems: Problems, spec: CustomResourceDefinitionSpec, live: CustomResourceDefinitionSpec | undefined, context: DefinitionContext): void {
  checkGroup(problems, spec.group, 'spec.group');
  problems.oneOf('spec.scope', spec.scope, ['Cluster', 'Namespaced']);
  const hasDefaults = spec.versions.some(({ schema }) => schema?.openAPIV3Schema !== undefined && [...schemasIn(schema.openAPIV3Schema)].some((part) => part.default !== undefined));
  if (hasDefaults && spec.preserveUnknownFields === true) problems.invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema');
  checkVersions(problems, spec, live, context);
  checkNamesGiven(problems, spec.names, 'spec.names');
  checkNames(problems, spec.names, 'spec.names');
  if (spec.conversion === undefined) return;
  if (spec.conversion.strategy !== 'None' && spec.preserveUnknownFields === true) problems.invalid('spec.conversion.strategy', spec.conversion.strategy, 'must be None if spec.preserveUnknownFields is true');
  checkConversion(problems, spec.conversion, 'spec.conversion');
}

function checkVersions(problems: Problems, { versions }: CustomResourceDefinitionSpec, live: CustomResourceDefinitionSpec | undefined, context: DefinitionContext): void {
  for (const [i, version] of versions.entries()) {
    if (version.schema?.openAPIV3Schema === undefined) problems.required(`spec.versions[${i}].schema.openAPIV3Schema`);
    problems.check(`spec.versions[${i}].name`, version.name, label);
    // Kubernetes holds the first name in a field of its own too.
    if (i === 0 && version.name !== '') problems.check('spec.version', version.name, label);
    checkDeprecation(problems, version.deprecated === true, version.deprecationWarning, `spec.versions[${i}]`);
  }
  const names = versions.map(({ name }) => name);
  if (new Set(names).size < names.length) problems.invalid('spec.versions', names, 'must contain unique version names');
  if (versions.filter(({ storage }) => storage).length !== 1) problems.invalid('spec.versions', names, 'must have exactly one version marked as storage version');
  const hasStatus = versions.some(({ subresources }) => subresources?.status !== undefined);
  checkParts(versions, 'schema', ({ schema, name, subresources }, path) => {
    const { openAPIV3Schema } = schema ?? {};
    const before = live?.versions.find((version) => version.name === name);
    const isKnown = before !== undefined && jsonEqual(before.schema, schema) && jsonEqual(before.subresources, subresources);
    const isShared = path === 'spec.validation';
    if (openAPIV3Schema !== undefined && !isKnown) checkSchema(problems, openAPIV3Schema, `${path}.openAPIV3Schema`, isShared ? hasStatus : subresources?.status !== undefined, context);
  });
  checkParts(versions, 'subresources', ({ subresources = {} }, path) => checkSubresources(problems, subresources, path));
  checkParts(versions, 'additionalPrinterColumns', ({ additionalPrinterColumns = [] }, path) => {
    for (const [i, column] of additionalPrinterColumns.entries()) checkColumn(problems, column, `${path}[${i}]`);
  });
  const hasOneSchema = areAlike(versions, 'schema');
  checkParts(versions, 'selectableFields', ({ selectableFields = [], schema }, path) => {
    const isShared = path === 'spec.selectableFields';
    // Fields are looked for where they stand, for all versions or for one; so must the schema.
    if (schema?.openAPIV3Schema !== undefined && isShared === hasOneSchema) checkSelectable(problems, selectableFields, schema.openAPIV3Schema, path);
    else if (selectableFields.length > 0) problems.invalid(path, '', isShared ? 'may only be set when validations.schema is included' : 'may only be set when `version.schema.openAPIV3Schema` is not included');
  });
}

type PartName = 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields';

const areAlike = (versions: readonly CustomResourceDefinitionVersion[], name: PartName): boolean => versions.every((version) => jsonEqual(version[name], versions[0]?.[name]));

/** A part that all versions have alike stands in the spec itself, as in Kubernetes' internal form. */
function checkParts(versions: readonly CustomResourceDefinitionVersion[], name: PartName, check: (version: CustomResourceDefinitionVersion, path: string) => void): void {
  const [first] = versions;
  if (first !== undefined && areAlike(versions, name)) return check(first, `spec.${name === 'schema' ? 'validation' : name}`);
  for (const [i, version] of versions.entries()) check(version, `spec.versions[${i}].${name}`);
}

function checkChange(problems: Problems, spec: CustomResourceDefinitionSpec, live: CustomResourceDefinition): void {
  const { spec: old, status } = live;
  if (status?.conditions?.some(({ type, status: state }) => type === 'Established' && state === 'True')) {
    immutable(problems, 'spec.scope', spec.scope, old.scope);
    immutable(problems, 'spec.names.kind', spec.names.kind, old.names.kind);
  }
  immutable(problems, 'spec.group', spec.group, old.group);
  immutable(problems, 'spec.names.plural', spec.names.plural, old.names.plural);
  if (spec.conversion !== undefined) checkBundle(problems, spec.conversion, live, 'spec.conversion');
}

/** Objects may still be stored in these versions: they must stay until someone has migrated and struck them off. */
function checkStored(problems: Problems, spec: CustomResourceDefinitionSpec, stored: readonly string[] | undefined): void {
  const field = 'status.storedVersions';
  if (stored === undefined || stored.length === 0) return problems.invalid(field, stored, 'must have at least one stored version');
  const left = new Set(stored);
  for (const { name, storage } of spec.versions) {
    if (storage && !left.has(name)) problems.invalid(field, stored, `must have the storage version ${name}`);
    left.delete(name);
  }
  for (const [i, name] of stored.entries()) {
    if (!left.has(name)) continue;
    problems.invalid(`${field}[${i}]`, name, `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`);
  }
}
