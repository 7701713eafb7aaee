import { Environment } from '@marcbachmann/cel-js';
import { ExpressionError } from './expression-error.ts';
import type { PolicyRequest } from './policy-request.ts';

export type CelContext = Readonly<Record<string, unknown>>;
export type Expression = (context: CelContext) => unknown;

/** Refuses expressions that are large enough to be an attack rather than a rule. */
const LIMITS = { maxAstNodes: 10_000, maxDepth: 100, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 32 };

const environment = (): Environment => {
  const env = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true, limits: LIMITS });
  for (const name of ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'variables']) env.registerVariable(name, 'dyn');
  return env;
};

/** Compiles expressions of admission policies, whose variables are those of Kubernetes. */
export class CelCompiler {
  readonly #environment = environment();

  /** @throws ExpressionError `compilation failed: ...`, the words that API clients look for */
  compile(expression: string, path: string): Expression {
    try {
      const compiled = this.#environment.parse(expression);
      const checked = compiled.check();
      if (!checked.valid) throw checked.error ?? new Error('the types do not fit');
      return (context) => compiled(context as Record<string, unknown>) as unknown;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ExpressionError(`${path}: Invalid value: ${JSON.stringify(expression)}: compilation failed: ${why}`, { path, expression, kind: 'compile' }, { cause });
    }
  }
}

/** The variables of one request. Whole numbers become CEL integers, as the API's integer fields are. */
export function celContext(request: PolicyRequest): CelContext {
  return {
    object: toCel(request.object ?? null),
    oldObject: toCel(request.oldObject ?? null),
    namespaceObject: toCel(request.namespaceObject ?? null),
    params: null,
    request: {
      operation: request.operation,
      kind: { group: request.group, version: request.version, kind: request.kind },
      resource: { group: request.group, version: request.version, resource: request.resource.split('/')[0] },
      subResource: request.resource.split('/')[1] ?? '',
      namespace: request.namespace,
      name: request.name,
      dryRun: request.isDryRun,
      userInfo: { username: request.user.name, uid: request.user.uid ?? '', groups: request.user.groups, extra: request.user.extra ?? {} },
    },
  };
}

export function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined).map(([key, v]) => [key, toCel(v)]));
}
