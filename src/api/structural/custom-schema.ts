import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { KubeObject } from '#api/object.ts';

/** What the structural schema of one version of a custom resource does to objects. All results are new or shared, arguments are never changed. */
export interface CustomSchema {
  /** What it was compiled from, which says how parts are merged; undefined when fields that it does not name are kept everywhere. */
  readonly source: JSONSchemaProps | undefined;
  /** Drops fields that the schema does not name, and coerces embedded metadata; `unknown` has the path of each dropped field. */
  prune(object: KubeObject): { readonly object: KubeObject; readonly unknown: readonly string[] };
  /** What cannot be read of the objects within a pruned object, the first of it: clients may not send such. */
  unreadable(object: KubeObject): string | undefined;
  /** Fills defaults; at writes, and at reads of objects that were stored before the default was declared. */
  applyDefaults(object: KubeObject): KubeObject;
  /**
   * Types, values, formats, list types and CEL rules, worded as Kubernetes does. With `live`, unchanged parts that were wrong before
   * are let through (ratcheting), and transition rules are asked; `warn` is told of unchanged parts that break a rule.
   */
  validate(object: KubeObject, live?: KubeObject, warn?: Warn): readonly StatusCause[];
  /** The same of a write of the status alone, whose texts name fields from the status on; rules are asked of the whole, and objects within are not looked at. */
  validateStatus(object: KubeObject, live: KubeObject, warn?: Warn): readonly StatusCause[];
}

/** Tells whoever writes of what is wrong and let through all the same. */
export type Warn = (text: string) => void;

/** Makes programs of `x-kubernetes-validations`; the policy package implements it in CEL. */
export interface RuleCompiler {
  /**
   * @param schema of the node that the rule is attached to; types of `self` come from it
   * @throws ExpressionError with the compiler's words, also for a rule that may cost too much (kind `cost`), or whose node has no type (kind `untyped`)
   */
  compile(rule: string, schema: JSONSchemaProps, options?: RuleOptions): CompiledRule;
}

export interface RuleOptions {
  /** `self` is optional in transition rules, which then hold for creation too. */
  readonly optionalOldSelf?: boolean;
  /** `bool` for a rule, `string` for a message expression. Default `bool`. */
  readonly result?: 'bool' | 'string';
  /** How often the node may stand in one object, for the estimate of the cost. Default 1. */
  readonly cardinality?: number;
}

export interface CompiledRule {
  /** Asked only when there is a former value, unless that is optional. */
  readonly usesOldSelf: boolean;
  /** Worst case by the schema's limits, in units of Kubernetes' cost model. */
  readonly estimatedCost: number;
  /** @throws CostExceededError (code `cel-cost`) when `budget` is used up, ExpressionError when the evaluation fails */
  evaluate(self: unknown, oldSelf: unknown, budget: CostBudget): boolean | string;
}

/** What the evaluation of all rules of one request may still cost; each evaluation takes from it. */
export interface CostBudget {
  remaining: number;
}
