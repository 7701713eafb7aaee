import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { CompiledRule, CostBudget, RuleCompiler, RuleOptions } from '#api/structural/custom-schema.ts';
import { reads } from '../cel/checker.ts';
import type { Functions } from '../cel/declarations.ts';
import { CompileError, CostExceededError, EvaluationError } from '../cel/errors.ts';
import { estimateCost } from '../cel/estimate.ts';
import { compile, type Program } from '../cel/program.ts';
import { optional, type Type } from '../cel/types.ts';
import { Optional, type Value } from '../cel/values.ts';
import { ExpressionError } from '../expression-error.ts';
import { kubernetesFunctions } from '../library/functions.ts';
import { type SchemaType, schemaType } from '../typing/schema-type.ts';

/** One rule may cost this much by the limits of its schema; ten times what one evaluation may cost in fact. */
const ESTIMATE_LIMIT = 10_000_000;

/**
 * Compiles `x-kubernetes-validations`. The root of a resource, whose `apiVersion`, `kind` and `metadata` rules may read although its schema
 * does not list them, is given with `x-kubernetes-embedded-resource`.
 */
export const createRuleCompiler = (): RuleCompiler => new SchemaRuleCompiler();

class SchemaRuleCompiler implements RuleCompiler {
  readonly #functions: Functions = kubernetesFunctions();
  readonly #types = new WeakMap<JSONSchemaProps, SchemaType>();

  compile(rule: string, schema: JSONSchemaProps, options: RuleOptions = {}): CompiledRule {
    const self = this.#typeOf(schema);
    if (self === undefined) throw new ExpressionError('unable to convert structural schema to CEL declarations', { expression: rule, kind: 'untyped' });
    const program = this.#program(rule, self.type, options);
    const estimatedCost = estimateCost(program.checked).max * (options.cardinality ?? 1);
    const usesOldSelf = reads(program.checked, 'oldSelf');
    if (estimatedCost > ESTIMATE_LIMIT) throw new ExpressionError(costMessage(options.result === 'string' ? 'estimated messageExpression cost' : 'estimated rule cost', estimatedCost), { expression: rule, kind: 'cost', cost: estimatedCost, usesOldSelf });
    return new ProgramRule({ rule, program, self, options, estimatedCost, usesOldSelf });
  }

  #typeOf(schema: JSONSchemaProps): SchemaType | undefined {
    const type = this.#types.get(schema) ?? schemaType(schema);
    const known = type && withMemory(type);
    if (known !== undefined) this.#types.set(schema, known);
    return known;
  }

  #program(rule: string, self: Type, { optionalOldSelf = false, result = 'bool' }: RuleOptions): Program {
    const variables: Readonly<Record<string, Type>> = { self, oldSelf: optionalOldSelf ? optional(self) : self };
    const program = compiled(rule, { functions: this.#functions, variable: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined) }, result);
    const { kind } = program.checked.type;
    if (kind === (result === 'bool' ? 'bool' : 'string')) return program;
    throw new ExpressionError(result === 'bool' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string', { expression: rule, kind: 'compile' });
  }
}

function compiled(rule: string, environment: Parameters<typeof compile>[1], result: 'bool' | 'string'): Program {
  try {
    return compile(rule, environment);
  } catch (cause) {
    if (!(cause instanceof CompileError)) throw cause;
    throw new ExpressionError(`${result === 'bool' ? cause.step : `messageExpression ${cause.step.replace('program ', '')}`} failed: ${cause.message}`, { expression: rule, kind: 'compile' }, { cause });
  }
}

/** All rules of a node see the same value: it is converted once. */
function withMemory(of: SchemaType): SchemaType {
  const converted = new WeakMap<object, Value>();
  return {
    ...of,
    convert(json) {
      if (typeof json !== 'object' || json === null) return of.convert(json);
      const known = converted.get(json) ?? of.convert(json);
      converted.set(json, known);
      return known;
    },
  };
}

interface RuleParts {
  readonly rule: string;
  readonly program: Program;
  readonly self: SchemaType;
  readonly options: RuleOptions;
  readonly estimatedCost: number;
  readonly usesOldSelf: boolean;
}

class ProgramRule implements CompiledRule {
  readonly usesOldSelf: boolean;
  readonly estimatedCost: number;
  readonly #parts: RuleParts;

  constructor(parts: RuleParts) {
    this.#parts = parts;
    this.estimatedCost = parts.estimatedCost;
    this.usesOldSelf = parts.usesOldSelf;
  }

  evaluate(self: unknown, oldSelf: unknown, budget: CostBudget): boolean | string {
    const { rule, program } = this.#parts;
    try {
      const value = program.evaluate(this.#variables(self, oldSelf), budget);
      if (budget.remaining < 0) throw new CostExceededError('budget');
      return value as boolean | string;
    } catch (cause) {
      if (cause instanceof EvaluationError) throw new ExpressionError(cause.message, { expression: rule, kind: 'evaluate' }, { cause });
      throw cause;
    }
  }

  #variables(self: unknown, oldSelf: unknown): Readonly<Record<string, Value | undefined>> {
    const { self: type, options } = this.#parts;
    const former = oldSelf === undefined ? undefined : type.convert(oldSelf);
    return { self: type.convert(self), oldSelf: options.optionalOldSelf ? (former === undefined ? Optional.NONE : new Optional(former)) : former };
  }
}

function costMessage(what: string, cost: number): string {
  const excess = cost / ESTIMATE_LIMIT;
  const factor = excess > 100 ? 'more than 100x' : excess < 1.5 ? `${excess.toFixed(6)}x` : `${excess.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${factor} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
