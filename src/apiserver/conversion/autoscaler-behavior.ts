import type * as v2 from '#api/generated/autoscaling/v2.ts';

/** The form of the annotation is that of Kubernetes' internal type, whose fields have no JSON names. */
interface InternalRules {
  readonly StabilizationWindowSeconds?: number | null;
  readonly SelectPolicy?: string | null;
  readonly Policies?: readonly { readonly Type: string; readonly Value: number; readonly PeriodSeconds: number }[] | null;
  readonly Tolerance?: string | number | null;
}
interface InternalBehavior {
  readonly ScaleUp?: InternalRules | null;
  readonly ScaleDown?: InternalRules | null;
}

export const fromBehavior = ({ scaleUp, scaleDown }: v2.HorizontalPodAutoscalerBehavior): InternalBehavior => ({ ScaleUp: fromRules(scaleUp), ScaleDown: fromRules(scaleDown) });

function fromRules(rules: v2.HPAScalingRules | undefined): InternalRules | null {
  if (rules === undefined) return null;
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null, SelectPolicy: rules.selectPolicy ?? null,
    Policies: rules.policies?.map((p) => ({ Type: p.type, Value: p.value, PeriodSeconds: p.periodSeconds })) ?? null, Tolerance: rules.tolerance ?? null,
  };
}

export function toBehavior(behavior: InternalBehavior | undefined): v2.HorizontalPodAutoscalerBehavior | undefined {
  if (behavior === undefined) return undefined;
  const [scaleUp, scaleDown] = [toRules(behavior.ScaleUp), toRules(behavior.ScaleDown)];
  return { ...(scaleUp ? { scaleUp } : {}), ...(scaleDown ? { scaleDown } : {}) };
}

function toRules(rules: InternalRules | null | undefined): v2.HPAScalingRules | undefined {
  if (!rules) return undefined;
  return {
    ...(rules.StabilizationWindowSeconds == null ? {} : { stabilizationWindowSeconds: rules.StabilizationWindowSeconds }), ...(rules.SelectPolicy == null ? {} : { selectPolicy: rules.SelectPolicy }),
    ...(rules.Policies == null ? {} : { policies: rules.Policies.map((p) => ({ type: p.Type, value: p.Value, periodSeconds: p.PeriodSeconds })) }), ...(rules.Tolerance == null ? {} : { tolerance: rules.Tolerance }),
  };
}
