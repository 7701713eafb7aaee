import type { KubeObject } from '#api/object.ts';
import { asError } from '#base/errors.ts';
import { CompileError } from '#policy/cel/errors.ts';
import { compile, type Program } from '#policy/cel/program.ts';
import { DYN } from '#policy/cel/types.ts';
import { kubernetesFunctions } from '#policy/library/functions.ts';
import { fromJson } from '#policy/typing/json-value.ts';

/** In units of Kubernetes' cost model. */
const BUDGET = 1_000_000;
const MAX_KEPT = 1000;

/** CEL over `object` that says whether it is ready, compiled once. */
export class ReadyExpressions {
  readonly #functions = kubernetesFunctions();
  readonly #programs = new Map<string, Program | CompileError>();

  /** Why the expression is not true of the object; undefined when it is. A field that is not there yet is no failure of the expression. */
  notTrue(source: string, object: KubeObject): string | undefined {
    const program = this.#compiled(source);
    if (program instanceof CompileError) return `\`${source}\` is no expression: ${program.message}`;
    try {
      const value = program.evaluate({ object: fromJson(object) }, { remaining: BUDGET });
      return value === true ? undefined : `\`${source}\` is ${value === false ? 'false' : 'no boolean'}`;
    } catch (error) {
      return `\`${source}\`: ${asError(error).message}`;
    }
  }

  #compiled(source: string): Program | CompileError {
    const known = this.#programs.get(source);
    if (known) return known;
    if (this.#programs.size >= MAX_KEPT) this.#programs.clear();
    const compiled = this.#compile(source);
    this.#programs.set(source, compiled);
    return compiled;
  }

  #compile(source: string): Program | CompileError {
    try {
      return compile(source, { functions: this.#functions, variable: (name) => (name === 'object' ? DYN : undefined) });
    } catch (error) {
      if (error instanceof CompileError) return error;
      throw error;
    }
  }
}
