import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Schema } from '#api/schema.ts';
import { Problems } from '#api/validation/problems.ts';
import { Correlation } from './correlation.ts';
import type { CustomSchema, RuleCompiler, Warn } from './custom-schema.ts';
import { compileDefaults, type Defaulter } from './defaults.ts';
import { checkCoercion, coerceEmbedded, hasEmbedded, validateEmbedded } from './embedded.ts';
import type { Check } from './findings.ts';
import { hasListTypes, validateListTypes } from './list-types.ts';
import { dropNulls, pruneValue } from './prune.ts';
import { checkRules, compileRules, hasRules, type RuleTree } from './rules.ts';
import { propertyOf } from './schema-parts.ts';
import { compileCheck, findFaults } from './validate-value.ts';

export interface CustomSchemaOptions {
  /** `spec.versions[].schema.openAPIV3Schema` of a valid definition; without one nothing is known of the objects. */
  readonly schema: JSONSchemaProps | undefined;
  /** `spec.preserveUnknownFields` of a definition from before structural schemas: nothing is dropped. */
  readonly preserveUnknownFields: boolean;
  readonly rules: RuleCompiler;
  /** Facts of the metadata of embedded objects. */
  readonly facts: Schema;
}

/** Cheap; patterns, formats and rules are compiled when an object is first validated, and live as long as the result. */
export const compileCustomSchema = (options: CustomSchemaOptions): CustomSchema => new CompiledSchema(options);

/** Faults after which rules are not asked: they could meet values of the wrong type. */
const BLOCKING = ['FieldValueNotSupported', 'FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid'];
const NOT_ASKED = 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

class CompiledSchema implements CustomSchema {
  readonly source: JSONSchemaProps | undefined;
  readonly #options: CustomSchemaOptions;
  readonly #schema: JSONSchemaProps;
  readonly #hasEmbedded: boolean;
  readonly #hasListTypes: boolean;
  readonly #hasRules: boolean;
  readonly #defaults: Defaulter | undefined;
  #check: Check | undefined;
  #statusCheck: Check | undefined;
  #rules: RuleTree | undefined;

  constructor(options: CustomSchemaOptions) {
    this.#options = options;
    this.source = options.preserveUnknownFields ? undefined : options.schema;
    this.#schema = options.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    this.#hasEmbedded = hasEmbedded(this.#schema);
    this.#hasListTypes = hasListTypes(this.#schema);
    this.#hasRules = hasRules(this.#schema);
    this.#defaults = compileDefaults(this.#schema);
  }

  prune(object: KubeObject): { readonly object: KubeObject; readonly unknown: readonly string[] } {
    const pruned = this.#options.preserveUnknownFields ? { value: object, unknown: [] } : pruneValue(object, this.#schema, true);
    const value = this.#options.preserveUnknownFields ? pruned.value : dropNulls(pruned.value, this.#schema);
    if (!this.#hasEmbedded) return { object: value as KubeObject, unknown: pruned.unknown };
    const unknown: string[] = [];
    const coerced = coerceEmbedded(this.#options.facts, value, this.#schema, '', unknown);
    return { object: coerced as KubeObject, unknown: [...pruned.unknown, ...unknown.sort()] };
  }

  unreadable(object: KubeObject): string | undefined {
    if (!this.#hasEmbedded) return undefined;
    const problems = new Problems();
    checkCoercion(this.#options.facts, problems, object, this.#schema, '');
    const [first] = problems.causes;
    return first && `${first.field}: ${first.message}`;
  }

  applyDefaults(object: KubeObject): KubeObject {
    return this.#defaults === undefined ? object : this.#defaults(object) as KubeObject;
  }

  validate(object: KubeObject, live?: KubeObject, warn?: Warn): readonly StatusCause[] {
    const problems = new Problems();
    problems.causes.push(...this.#faults(object, live));
    if (this.#hasEmbedded) validateEmbedded(this.#options.facts, problems, object, this.#schema, '');
    return this.#validateRest(problems, object, live, warn);
  }

  validateStatus(object: KubeObject, live: KubeObject, warn?: Warn): readonly StatusCause[] {
    const problems = new Problems();
    problems.causes.push(...this.#statusFaults(object, live));
    return this.#validateRest(problems, object, live, warn);
  }

  #validateRest(problems: Problems, object: KubeObject, live: KubeObject | undefined, warn: Warn | undefined): readonly StatusCause[] {
    if (this.#hasListTypes && (live === undefined || this.#listFaults(live).length === 0)) problems.causes.push(...this.#listFaults(object));
    if (this.#hasRules) this.#askRules(problems, object, live, warn);
    return problems.causes;
  }

  #statusFaults(object: KubeObject, live: KubeObject): readonly StatusCause[] {
    const schema = propertyOf(this.#schema, 'status');
    if (schema === undefined || !('status' in object)) return [];
    const check = (this.#statusCheck ??= compileCheck(schema));
    const faults = findFaults(check, object.status, 'status');
    const old = faults.length === 0 ? undefined : new Correlation(object, live, this.#schema).key('status');
    if (old === undefined) return faults;
    return old.isUnchanged() ? [] : findFaults(check, object.status, 'status', old);
  }

  #faults(object: KubeObject, live: KubeObject | undefined): readonly StatusCause[] {
    const check = (this.#check ??= compileCheck(this.#schema));
    const faults = findFaults(check, object);
    // What was wrong before is looked for only when something is wrong.
    if (faults.length === 0 || live === undefined) return faults;
    const old = new Correlation(object, live, this.#schema);
    return old.isUnchanged() ? [] : findFaults(check, object, '', old);
  }

  #listFaults(object: KubeObject): readonly StatusCause[] {
    const problems = new Problems();
    validateListTypes(problems, object, this.#schema, '');
    return problems.causes;
  }

  #askRules(problems: Problems, object: KubeObject, live: KubeObject | undefined, warn: Warn | undefined): void {
    if (problems.causes.some(({ reason }) => BLOCKING.includes(reason ?? ''))) return problems.invalid('<nil>', null, NOT_ASKED);
    const tree = (this.#rules ??= compileRules(this.#options.rules, this.#schema, true));
    if (tree !== undefined) problems.causes.push(...checkRules(tree, object, live, '', warn).causes);
  }
}
