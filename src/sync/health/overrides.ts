import type { HealthOverride } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { BOOL, STRING } from '#policy/cel/types.ts';
import { ExpressionError } from '#policy/expression-error.ts';
import { compileObjectExpression, type ObjectExpression } from '#policy/object-expression.ts';
import { progressing, type Health } from './health.ts';

/** Health by an Application's own expressions. */
export interface HealthOverrides {
  /** What is wrong with the expressions; those are left out. */
  readonly problems: readonly string[];
  /** Undefined when there is no override for the kind. */
  of(resource: Pick<ResourceType, 'group' | 'kind'>, object: KubeObject): Health | undefined;
}

/** In the order in which they decide. */
const VERDICTS = [['degraded', 'Degraded'], ['suspended', 'Suspended'], ['progressing', 'Progressing'], ['healthy', 'Healthy']] as const;

interface Compiled {
  readonly tests: readonly { readonly status: Health['status']; readonly holds: ObjectExpression }[];
  readonly message: ObjectExpression | undefined;
}

/** Compiles the expressions of a spec; a wrong one is told as a problem, and never throws. */
export function compileOverrides(overrides: readonly HealthOverride[]): HealthOverrides {
  const problems: string[] = [];
  const byKind = new Map(overrides.map((override, i) => [kindOf(override), compileOne(override, `spec.health[${i}]`, problems)]));
  return {
    problems,
    of(resource, object) {
      const compiled = byKind.get(kindOf(resource));
      return compiled && judge(compiled, object);
    },
  };
}

const kindOf = ({ group = '', kind }: { readonly group?: string | undefined; readonly kind: string }): string => `${kind}.${group}`;

function compileOne(override: HealthOverride, path: string, problems: string[]): Compiled {
  const expression = (field: 'message' | (typeof VERDICTS)[number][0]): ObjectExpression | undefined => {
    const source = override[field];
    if (!source) return undefined;
    try {
      return compileObjectExpression(source, `${path}.${field}`, field === 'message' ? STRING : BOOL);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const tests = VERDICTS.flatMap(([field, status]) => {
    const holds = expression(field);
    return holds ? [{ status, holds }] : [];
  });
  return { tests, message: expression('message') };
}

/** An expression without value does not hold: a status that is not there yet is no failure. The first such is told when nothing else decides. */
function judge({ tests, message }: Compiled, object: KubeObject): Health {
  let failure: string | undefined;
  const text = (): string => (message ? String(attempt(message, object, (told) => told) ?? '') : '');
  for (const { status, holds } of tests) {
    if (attempt(holds, object, (told) => { failure ??= told; }) !== true) continue;
    return { status, message: status === 'Healthy' ? '' : text() || `by spec.health of the Application it is ${status}` };
  }
  return progressing(failure ?? (text() || 'no expression of spec.health holds'));
}

function attempt<T>(expression: ObjectExpression, object: KubeObject, failed: (message: string) => T): unknown {
  try {
    return expression(object);
  } catch (error) {
    if (error instanceof ExpressionError) return failed(error.message);
    throw error;
  }
}
