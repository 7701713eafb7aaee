import type { JSONSchemaProps, ValidationRule } from '#api/generated/apiextensions/v1.ts';
import { isJsonObject } from '#api/json.ts';
import { Problems } from '#api/validation/problems.ts';
import { Correlation, formerItem } from './correlation.ts';
import type { CompiledRule, CostBudget, RuleCompiler, Warn } from './custom-schema.ts';
import { FieldPathError, findField } from './field-path.ts';
import { additionalOf, childPath, itemOf, schemasIn } from './schema-parts.ts';

/** What all rules may cost for one object; Kubernetes' unit and number. */
const OBJECT_BUDGET = 10_000_000;
const MAX_MESSAGE_BYTES = 5 * 1024;
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';
/** The code of the error by which a compiled rule says that the budget is used up, or (scope `call`) what a rule may cost by itself. */
export const COST_EXCEEDED = 'cel-cost';

export const hasRules = (schema: JSONSchemaProps): boolean => schemasIn(schema).some((one) => (one['x-kubernetes-validations'] ?? []).length > 0);

interface Rule {
  readonly source: ValidationRule;
  readonly program: CompiledRule | Error;
  readonly message: CompiledRule | undefined;
  /** Where a fault is reported, below the node. */
  readonly field: string;
}

/** Rules at a node of the schema and below; nodes without any are left out. */
export interface RuleTree {
  readonly schema: JSONSchemaProps;
  readonly rules: readonly Rule[];
  readonly items: RuleTree | undefined;
  readonly additional: RuleTree | undefined;
  readonly properties: ReadonlyMap<string, RuleTree>;
}

/** A rule that does not compile is reported when an object is validated: the definition that holds it was stored before. */
export function compileRules(compiler: RuleCompiler, schema: JSONSchemaProps, isRoot: boolean): RuleTree | undefined {
  const below = (child: JSONSchemaProps | undefined): RuleTree | undefined => child && compileRules(compiler, child, false);
  const typed = typedSchema(schema, isRoot);
  const rules = (schema['x-kubernetes-validations'] ?? []).filter(({ rule }) => rule.trim() !== '').map((rule) => compileRule(compiler, rule, typed));
  const properties = new Map<string, RuleTree>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const tree = below(property);
    if (tree !== undefined) properties.set(name, tree);
  }
  const items = below(itemOf(schema));
  const additional = below(additionalOf(schema));
  return rules.length === 0 && properties.size === 0 && items === undefined && additional === undefined ? undefined : { schema, rules, items, additional, properties };
}

/** Rules at the root see what every object has, as those of embedded objects do. */
export const typedSchema = (schema: JSONSchemaProps, isRoot: boolean): JSONSchemaProps => (isRoot ? { ...schema, 'x-kubernetes-embedded-resource': true } : schema);

function compileRule(compiler: RuleCompiler, source: ValidationRule, schema: JSONSchemaProps): Rule {
  const options = { optionalOldSelf: source.optionalOldSelf === true };
  return {
    source, program: attempt(() => compiler.compile(source.rule, schema, options)), field: fieldOf(source, schema),
    message: source.messageExpression ? asProgram(attempt(() => compiler.compile(source.messageExpression ?? '', schema, { ...options, result: 'string' }))) : undefined,
  };
}

function attempt(compile: () => CompiledRule): CompiledRule | Error {
  try {
    return compile();
  } catch (error) {
    return error as Error;
  }
}
const asProgram = (compiled: CompiledRule | Error): CompiledRule | undefined => (compiled instanceof Error ? undefined : compiled);

function fieldOf(rule: ValidationRule, schema: JSONSchemaProps): string {
  if (!rule.fieldPath) return '';
  try {
    return findField(rule.fieldPath, schema, { allowsBrackets: true }).path;
  } catch (error) {
    if (error instanceof FieldPathError) return '';
    throw error;
  }
}

/** What the former value of a node was, for transition rules and to let through what has not changed. */
interface Former {
  readonly value: unknown;
  readonly here: Correlation | undefined;
  /** The nearest node above with a former value. */
  readonly above: Correlation | undefined;
}
const NO_FORMER: Former = { value: undefined, here: undefined, above: undefined };

/** No more rules are asked. */
class Stop extends Error {}

/** @param old the former object; transition rules are asked, and faults of unchanged parts are let through, of which `warn` is told. */
export function checkRules(tree: RuleTree, value: unknown, old?: unknown, path = '', warn?: Warn): Problems {
  const run = new RuleRun(warn);
  try {
    run.check(tree, value, path, old === undefined ? NO_FORMER : { value: old, here: new Correlation(value, old, tree.schema), above: undefined });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
  return run.problems;
}

class RuleRun {
  readonly problems = new Problems();
  readonly #budget: CostBudget = { remaining: OBJECT_BUDGET };
  readonly #warn: Warn | undefined;

  constructor(warn: Warn | undefined) {
    this.#warn = warn;
  }

  check(tree: RuleTree, value: unknown, path: string, former: Former): void {
    if (value === null) return;
    for (const rule of tree.rules) this.#ask(rule, tree.schema, value, path, former);
    if (Array.isArray(value)) this.#checkItems(tree, value, path, former);
    else if (isJsonObject(value)) this.#checkMembers(tree, value, path, former);
  }

  #checkItems({ items, schema }: RuleTree, list: readonly unknown[], path: string, former: Former): void {
    if (items === undefined) return;
    const old = Array.isArray(former.value) ? former.value as readonly unknown[] : undefined;
    for (const [i, item] of list.entries()) this.check(items, item, `${path}[${i}]`, below(former, formerItem(schema, old, item), former.here?.index(i)));
  }

  #checkMembers({ properties, additional }: RuleTree, object: Readonly<Record<string, unknown>>, path: string, former: Former): void {
    const old = isJsonObject(former.value) ? former.value : {};
    for (const name in object) {
      const named = properties.get(name);
      const tree = named ?? additional;
      if (tree !== undefined) this.check(tree, object[name], named ? childPath(path, name) : `${path}[${name}]`, below(former, old[name] ?? undefined, former.here?.key(name)));
    }
  }

  #ask(rule: Rule, schema: JSONSchemaProps, value: unknown, path: string, former: Former): void {
    const { program, source } = rule;
    const at = path || '<nil>';
    const type = schema.type ?? '';
    if (program instanceof Error) return this.problems.invalid(at, type, `rule compile error: ${program.message}`);
    const isTransition = program.usesOldSelf || source.optionalOldSelf === true;
    if (isTransition && former.value === undefined && source.optionalOldSelf !== true) return;
    let isRight;
    try {
      isRight = program.evaluate(value, former.value, this.#budget) === true;
    } catch (error) {
      return this.#fail(at, type, source, error as Error);
    }
    const isLetThrough = !isRight && !isTransition && (former.here ?? former.above)?.isUnchanged() === true;
    if (isRight || (isLetThrough && this.#warn === undefined)) return;
    const field = rule.field === '' ? at : childPath(path, rule.field);
    const told = isLetThrough ? new Problems() : this.problems;
    report(told, field, schema, value, source, this.#messageOf(rule, value, former, field, type));
    if (isLetThrough) for (const cause of told.causes) this.#warn?.(`${cause.field}: ${cause.message}`);
  }

  #fail(at: string, type: string, source: ValidationRule, error: Error & { readonly code?: unknown; readonly data?: { readonly scope?: unknown } }): void {
    if (error.code === COST_EXCEEDED) {
      this.problems.invalid(at, type, error.data?.scope === 'call' ? `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${wordsOf(source)}` : OUT_OF_BUDGET);
      throw new Stop();
    }
    const detail = error.message.startsWith('no such overload')
      ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${wordsOf(source)}` : `${error.message} evaluating rule: ${wordsOf(source)}`;
    this.problems.invalid(at, type, detail);
  }

  /** A message expression that fails, or says what no message may be, gives way to the message. */
  #messageOf({ message, source }: Rule, value: unknown, former: Former, field: string, type: string): string {
    const plain = source.message ? source.message.trim() : `failed rule: ${wordsOf(source)}`;
    if (message === undefined) return plain;
    try {
      const text = String(message.evaluate(value, former.value, this.#budget)).trim();
      return text === '' || text.includes('\n') || Buffer.byteLength(text) > MAX_MESSAGE_BYTES ? plain : text;
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== COST_EXCEEDED) return plain;
      this.problems.invalid(field, type, 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run');
      throw new Stop();
    }
  }
}

function report(problems: Problems, field: string, schema: JSONSchemaProps, value: unknown, { reason }: ValidationRule, detail: string): void {
  const isLong = schema.type === 'object' || schema.type === 'array';
  if (reason === 'FieldValueForbidden') problems.forbidden(field, detail);
  else if (reason === 'FieldValueRequired') problems.required(field, detail);
  else if (reason === 'FieldValueDuplicate') problems.duplicate(field, isLong ? undefined : value);
  else if (isLong) problems.invalidOmitted(field, detail);
  else problems.invalid(field, value, detail);
}

const below = (former: Former, value: unknown, here: Correlation | undefined): Former => (former.here === undefined ? { ...former, value } : { value, here, above: former.here });
const wordsOf = (rule: ValidationRule): string => (rule.message || rule.rule).trim();
