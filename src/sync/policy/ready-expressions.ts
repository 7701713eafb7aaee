import type { KubeObject } from '#api/object.ts';
import { BOOL } from '#policy/cel/types.ts';
import { ExpressionError } from '#policy/expression-error.ts';
import { compileObjectExpression, type ObjectExpression } from '#policy/object-expression.ts';

const MAX_KEPT = 1000;

/** CEL over `object` that says whether it is ready, compiled once. */
export class ReadyExpressions {
  readonly #compiled = new Map<string, ObjectExpression>();

  /** Why the expression is not true of the object; undefined when it is. A field that is not there yet is no failure of the expression. */
  notTrue(source: string, object: KubeObject): string | undefined {
    try {
      const value = this.#expression(source)(object);
      return value === true ? undefined : `\`${source}\` is ${value === false ? 'false' : 'no boolean'}`;
    } catch (error) {
      if (error instanceof ExpressionError) return error.message;
      throw error;
    }
  }

  #expression(source: string): ObjectExpression {
    const known = this.#compiled.get(source);
    if (known) return known;
    if (this.#compiled.size >= MAX_KEPT) this.#compiled.clear();
    const expression = compileObjectExpression(source, `\`${source}\``, BOOL);
    this.#compiled.set(source, expression);
    return expression;
  }
}
