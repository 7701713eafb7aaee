import type { MutatingWebhook } from '#api/generated/admissionregistration/v1.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { type LabelPredicate, labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { CelCompiler, Expression } from '#policy/cel.ts';

/** One webhook of a configuration, made ready once for each version of the configuration. */
export interface Hook {
  /** Unique among all hooks: configurations may repeat names of webhooks in old versions of the API. */
  readonly id: string;
  /** Validating webhooks lack `reinvocationPolicy` and are alike otherwise. */
  readonly webhook: MutatingWebhook;
  /** Absent for a selector that selects everything. */
  readonly selectsNamespace?: LabelPredicate;
  readonly selectsObject?: LabelPredicate;
  readonly conditions: readonly Expression[];
}

/** @throws ExpressionError for a match condition that does not compile; the server accepts no such configuration */
export function makeHook(id: string, webhook: MutatingWebhook, compiler: CelCompiler): Hook {
  const selectsNamespace = predicateOf(webhook.namespaceSelector);
  const selectsObject = predicateOf(webhook.objectSelector);
  return {
    id, webhook, conditions: (webhook.matchConditions ?? []).map(({ expression }, i) => compiler.compile(expression, `matchConditions[${i}].expression`)),
    ...(selectsNamespace ? { selectsNamespace } : {}), ...(selectsObject ? { selectsObject } : {}),
  };
}

function predicateOf(selector: LabelSelector | undefined): LabelPredicate | undefined {
  const isEmpty = selector === undefined || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0);
  return isEmpty ? undefined : labelSelectorPredicate(selector);
}
