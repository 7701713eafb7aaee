import type { JSONSchemaProps, ValidationRule } from '#api/generated/apiextensions/v1.ts';
import { Problems } from '#api/validation/problems.ts';
import type { CompiledRule, RuleCompiler } from '../custom-schema.ts';
import { typedSchema } from '../rules.ts';
import { additionalOf, itemOf } from '../schema-parts.ts';

/** What all rules of one schema may cost in the worst case. */
const SCHEMA_LIMIT = 100_000_000;
/** Rules that cost less than this part are not named when the sum is too much. */
const NOTABLE = SCHEMA_LIMIT / 100;
const MAX_NOTABLE = 4;
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;

/** Compiles every rule, but where something at or below it is wrong, and estimates what they cost together. `wrong` are the paths of that. */
export function checkRules(compiler: RuleCompiler, schema: JSONSchemaProps, path: string, wrong: readonly string[]): Problems {
  const rules = new RuleCosts(compiler, wrong);
  rules.visit(schema, path, { cardinality: 1, isRoot: true, uncorrelated: undefined });
  rules.checkTotal(path);
  return rules.problems;
}

interface Place {
  /** How often the schema may stand in one object; undefined without limit. */
  readonly cardinality: number | undefined;
  readonly isRoot: boolean;
  /** The path of the list above, whose items have no former value. */
  readonly uncorrelated: string | undefined;
}

class RuleCosts {
  readonly problems = new Problems();
  readonly #compiler: RuleCompiler;
  readonly #wrong: readonly string[];
  readonly #costs: { readonly field: string; readonly cost: number }[] = [];

  constructor(compiler: RuleCompiler, wrong: readonly string[]) {
    this.#compiler = compiler;
    this.#wrong = wrong;
  }

  visit(schema: JSONSchemaProps, path: string, place: Place): void {
    const typed = typedSchema(schema, place.isRoot);
    const isRight = !this.#wrong.some((field) => field === path || field.startsWith(`${path}.`));
    if (isRight) this.#checkAll(schema['x-kubernetes-validations'] ?? [], typed, `${path}.x-kubernetes-validations`, place);
    const most = maxElements(schema);
    const below = { ...place, isRoot: false, cardinality: most === undefined || place.cardinality === undefined ? undefined : place.cardinality * most };
    const items = itemOf(schema);
    if (items !== undefined) this.visit(items, `${path}.items`, schema['x-kubernetes-list-type'] === 'map' ? below : { ...below, uncorrelated: place.uncorrelated ?? path });
    const additional = additionalOf(schema);
    if (additional !== undefined) this.visit(additional, `${path}.additionalProperties`, below);
    for (const [name, property] of Object.entries(schema.properties ?? {})) this.visit(property, `${path}.properties[${name}]`, below);
  }

  checkTotal(path: string): void {
    const total = this.#costs.reduce((sum, { cost }) => sum + cost, 0);
    if (total <= SCHEMA_LIMIT) return;
    const notable = this.#costs.filter(({ cost }) => cost >= NOTABLE).sort((a, b) => b.cost - a.cost).slice(0, MAX_NOTABLE);
    for (const { field } of notable) this.problems.forbidden(field, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema');
    this.problems.forbidden(path, `x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of ${factorText(total / SCHEMA_LIMIT)} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`);
  }

  #checkAll(rules: readonly ValidationRule[], schema: JSONSchemaProps, path: string, place: Place): void {
    try {
      for (const [i, rule] of rules.entries()) this.#check(rule, schema, `${path}[${i}]`, place);
    } catch (error) {
      if (dataOf(error)?.kind !== 'untyped') throw error;
      this.problems.internal(path, `internal error: failed to construct type information for x-kubernetes-validations rules: ${(error as Error).message}`);
    }
  }

  #check(rule: ValidationRule, schema: JSONSchemaProps, field: string, place: Place): void {
    const options = { optionalOldSelf: rule.optionalOldSelf === true, cardinality: place.cardinality ?? Math.floor(MAX_REQUEST_BYTES / (minBytes(schema) + 1)) };
    const compiled = this.#attempt(rule, `${field}.rule`, () => this.#compiler.compile(rule.rule, schema, options));
    this.#checkTransition(rule, compiled, field, place);
    if (compiled !== undefined && rule.messageExpression) this.#attempt(rule, `${field}.messageExpression`, () => this.#compiler.compile(rule.messageExpression ?? '', schema, { ...options, cardinality: 1, result: 'string' }));
  }

  /** Undefined for a rule that does not compile. */
  #attempt(rule: ValidationRule, field: string, compile: () => CompiledRule): Pick<CompiledRule, 'usesOldSelf'> | undefined {
    try {
      const compiled = compile();
      this.#costs.push({ field, cost: compiled.estimatedCost });
      return compiled;
    } catch (error) {
      const { message } = error as Error;
      const { kind, cost = 0, usesOldSelf = false } = dataOf(error) ?? {};
      if (kind === 'untyped') throw error;
      if (kind !== 'cost') {
        this.problems.invalid(field, goValue(rule), message);
        return undefined;
      }
      this.#costs.push({ field, cost });
      this.problems.forbidden(field, message);
      return { usesOldSelf };
    }
  }

  #checkTransition(rule: ValidationRule, compiled: Pick<CompiledRule, 'usesOldSelf'> | undefined, field: string, place: Place): void {
    const isTransition = compiled?.usesOldSelf === true;
    if (isTransition && place.uncorrelated !== undefined) this.problems.invalid(`${field}.rule`, rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelated}`);
    if (!isTransition && rule.optionalOldSelf !== undefined) this.problems.invalid(`${field}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule');
  }
}

interface FailureData {
  readonly kind?: unknown;
  readonly cost?: number;
  readonly usesOldSelf?: boolean;
}
const dataOf = (error: unknown): FailureData | undefined => (error as { readonly data?: FailureData }).data;

/** As Kubernetes prints a rule. */
const goValue = (rule: ValidationRule): object => ({
  Rule: rule.rule, Message: rule.message ?? '', MessageExpression: rule.messageExpression ?? '', Reason: rule.reason ?? null, FieldPath: rule.fieldPath ?? '', OptionalOldSelf: rule.optionalOldSelf ?? null,
});

const factorText = (factor: number): string => (factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`);

function maxElements(schema: JSONSchemaProps): number | undefined {
  if (schema.type === 'array') return schema.maxItems;
  return schema.type === 'object' && schema.additionalProperties !== undefined ? schema.maxProperties : 1;
}

/** The fewest bytes in which a value can be written. */
function minBytes(schema: JSONSchemaProps): number {
  switch (schema.type) {
    case 'boolean': return 4;
    case 'integer': case 'number': return 1;
    case 'object': return (schema.required ?? []).reduce((sum, name) => {
      const property = schema.properties?.[name];
      return property === undefined || property.default !== undefined ? sum : sum + name.length + minBytes(property) + 4;
    }, 2);
    case 'string': return schema.enum === undefined ? 2 : Math.min(...schema.enum.map((value) => JSON.stringify(value).length));
    case 'array': return 2;
    default: return 1;
  }
}
