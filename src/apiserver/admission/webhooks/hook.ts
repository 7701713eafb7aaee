import type { MutatingWebhook } from '#api/generated/admissionregistration/v1.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { type LabelPredicate, labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { CelCompiler, Expression } from '#policy/cel.ts';
import type { Condition } from '#policy/conditions.ts';

/** One webhook of a configuration, made ready once for each version of the configuration. */
export interface Hook {
  /** Unique among all hooks: configurations may repeat names of webhooks in old versions of the API. */
  readonly id: string;
  readonly configuration: string;
  /** Among all webhooks of its sort. */
  readonly index: number;
  /** Validating webhooks lack `reinvocationPolicy` and are alike otherwise. */
  readonly webhook: MutatingWebhook;
  /** Absent for a selector that selects everything. */
  readonly selectsNamespace?: LabelPredicate;
  readonly selectsObject?: LabelPredicate;
  readonly conditions: readonly Condition[];
}

/** A condition that does not compile, which the server accepts no more, fails whenever it is asked: the failure policy says what follows. */
export function makeHook(place: Pick<Hook, 'id' | 'configuration' | 'index'>, webhook: MutatingWebhook, compiler: CelCompiler): Hook {
  const selectsNamespace = predicateOf(webhook.namespaceSelector);
  const selectsObject = predicateOf(webhook.objectSelector);
  return {
    ...place, webhook, conditions: (webhook.matchConditions ?? []).map(({ expression }, i) => ({ source: expression, evaluate: compile(compiler, expression, `matchConditions[${i}].expression`) })),
    ...(selectsNamespace ? { selectsNamespace } : {}), ...(selectsObject ? { selectsObject } : {}),
  };
}

function compile(compiler: CelCompiler, expression: string, path: string): Expression {
  try {
    return compiler.compile(expression, path);
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function predicateOf(selector: LabelSelector | undefined): LabelPredicate | undefined {
  const isEmpty = selector === undefined || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0);
  return isEmpty ? undefined : labelSelectorPredicate(selector);
}
