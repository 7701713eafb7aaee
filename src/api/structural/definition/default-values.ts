import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { Schema } from '#api/schema.ts';
import { Problems } from '#api/validation/problems.ts';
import type { RuleCompiler } from '../custom-schema.ts';
import { checkCoercion, validateEmbedded } from '../embedded.ts';
import { pruneValue } from '../prune.ts';
import { checkRules, compileRules, hasRules, typedSchema } from '../rules.ts';
import { isEmbedded, itemOf, META_FIELDS } from '../schema-parts.ts';
import type { Check } from '../findings.ts';
import { compileCheck, findFaults } from '../validate-value.ts';

export interface DefaultsContext {
  readonly facts: Schema;
  readonly rules: RuleCompiler;
}

interface Place {
  readonly isRoot: boolean;
  /** In `apiVersion`, `kind` or `metadata` of an object: gives the object that holds a value here. */
  readonly inMetadata?: (value: unknown) => unknown;
}

/** Every default must be valid by its own schema, and hold nothing that would be pruned. */
export function checkDefaults(problems: Problems, schema: JSONSchemaProps, path: string, context: DefaultsContext, place: Place = { isRoot: true }): void {
  const isResource = place.isRoot || isEmbedded(schema);
  if (schema.default !== undefined) {
    if (place.inMetadata !== undefined && !isResource) checkInMetadata(problems, schema, `${path}.default`, place.inMetadata, context);
    else problems.causes.push(...faultsOf(schema, `${path}.default`, context, isResource));
  }
  const below = isResource ? undefined : place.inMetadata;
  const items = itemOf(schema);
  if (items !== undefined) checkDefaults(problems, items, `${path}.items`, context, { isRoot: false, ...(below ? { inMetadata: (value) => below([value]) } : {}) });
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const outer = isResource && META_FIELDS.includes(name) ? (value: unknown) => value : below;
    checkDefaults(problems, property, `${path}.properties[${name}]`, context, { isRoot: false, ...(outer ? { inMetadata: (value: unknown) => outer({ [name]: value }) } : {}) });
  }
}

/** Integers or strings have no type in a structural schema. */
const checkOf = (schema: JSONSchemaProps): Check => compileCheck(schema, { ignoresIntOrString: true });

/** The first kind of fault that is found hides the others, as in Kubernetes. */
function faultsOf(schema: JSONSchemaProps, path: string, { facts, rules }: DefaultsContext, isResource: boolean): Problems['causes'] {
  const problems = new Problems();
  const value = schema.default;
  if (pruneValue(value, schema, isResource).unknown.length > 0) problems.invalid(path, value, 'must not have unknown fields');
  const count = problems.causes.length;
  checkCoercion(facts, problems, value, typedSchema(schema, isResource), path);
  if (problems.causes.length === count) validateEmbedded(facts, problems, value, typedSchema(schema, isResource), path);
  if (problems.causes.length === count) problems.causes.push(...findFaults(checkOf(schema), value, path));
  if (problems.causes.length === count && hasRules(schema)) askRules(problems, schema, path, rules);
  return problems.causes;
}

/** Once as an update that changes nothing, once as a creation. */
function askRules(problems: Problems, schema: JSONSchemaProps, path: string, compiler: RuleCompiler): void {
  const tree = compileRules(compiler, schema, false);
  if (tree === undefined) return;
  const { causes } = checkRules(tree, schema.default, schema.default, path);
  problems.causes.push(...(causes.length > 0 ? causes : checkRules(tree, schema.default, undefined, path).causes));
}

function checkInMetadata(problems: Problems, schema: JSONSchemaProps, path: string, surround: (value: unknown) => unknown, { facts, rules }: DefaultsContext): void {
  const object = { apiVersion: 'validation/v1', kind: 'Validation', ...surround(schema.default) as object };
  const around: JSONSchemaProps = { 'x-kubernetes-embedded-resource': true };
  const found = new Problems();
  checkCoercion(facts, found, object, around, '');
  if (found.causes.length === 0) validateEmbedded(facts, found, object, around, '');
  const texts = [...new Set(found.causes.map(({ field, message }) => `${field}: ${message}`))];
  if (texts.length > 0) return problems.invalid(path, schema.default, `must result in valid metadata: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`);
  const count = problems.causes.length;
  problems.causes.push(...findFaults(checkOf(schema), schema.default, path));
  if (problems.causes.length === count && hasRules(schema)) askRules(problems, schema, path, rules);
}
