import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { ApplicationSpec, HealthOverride } from '#api/headway/v1/types.ts';
import { BOOL, STRING, type Type } from './cel/types.ts';
import { ExpressionError } from './expression-error.ts';
import { compileObjectExpression } from './object-expression.ts';

type Spec = Partial<Pick<ApplicationSpec, 'dependsOn' | 'health'>>;

interface Expression {
  readonly field: string;
  readonly source: string;
  readonly result: Type;
}

const HEALTH = { degraded: BOOL, suspended: BOOL, progressing: BOOL, healthy: BOOL, message: STRING } as const satisfies Partial<Record<keyof HealthOverride, Type>>;

/**
 * What of an Application's own expressions does not compile, each with its field below `path`. Those that `before` has as well were accepted
 * once. Templates of ApplicationSets are left out where they have parameters.
 */
export function applicationExpressionCauses(path: string, spec: Spec | undefined, before?: Spec): readonly StatusCause[] {
  const accepted = new Set(expressionsOf(path, before).map(({ source }) => source));
  return expressionsOf(path, spec).filter(({ source }) => !accepted.has(source) && !source.includes('{{')).flatMap(causes);
}

function expressionsOf(path: string, { dependsOn = [], health = [] }: Spec = {}): readonly Expression[] {
  const ready = dependsOn.flatMap(({ ready: source }, i) => (source ? [{ field: `${path}.dependsOn[${i}].ready`, source, result: BOOL }] : []));
  const names = Object.keys(HEALTH) as (keyof typeof HEALTH)[];
  return [...ready, ...health.flatMap((override, i) => names.flatMap((name) => (override[name] ? [{ field: `${path}.health[${i}].${name}`, source: override[name], result: HEALTH[name] }] : [])))];
}

function causes({ field, source, result }: Expression): readonly StatusCause[] {
  try {
    compileObjectExpression(source, field, result);
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [{ reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(source)}: ${error.message.slice(`${field}: `.length)}` }];
  }
}
