import { asError } from '#base/errors.ts';
import { children, type Node } from '#policy/cel/ast.ts';
import { compile, type Program } from '#policy/cel/program.ts';
import { ANY, list, map, STRING, object, type Type } from '#policy/cel/types.ts';
import { kubernetesFunctions } from '#policy/library/functions.ts';

const FIELDS: Readonly<Record<string, Type>> = { username: STRING, uid: STRING, groups: list(STRING), extra: map(STRING, list(STRING)) };
const VARIABLES = { claims: map(STRING, ANY), user: object('kubernetes.UserInfo', (name) => FIELDS[name]) } as const;

/** A compiled expression, or what is wrong with it, in the words of Kubernetes. */
export type Compiled = { readonly program: Program } | { readonly fault: string };

/** An expression over the claims of a token, or over the user that they make. Rules are conditions, mappings give any value. */
export function compileExpression(expression: string, variable: keyof typeof VARIABLES, isCondition: boolean): Compiled {
  try {
    const program = compile(expression, { functions: kubernetesFunctions(), variable: (name) => (name === variable ? VARIABLES[variable] : undefined) });
    return isCondition && program.checked.type.kind !== 'bool' ? { fault: 'must evaluate to bool' } : { program };
  } catch (error) {
    return { fault: `compilation failed: ${asError(error).message}` };
  }
}

/** Whether it reads this claim, be it as one that may be absent. */
export const readsClaim = (node: Node, claim: string): boolean =>
  (node.kind === 'select' && node.field === claim && node.operand.kind === 'ident' && node.operand.name === 'claims') || children(node).some((child) => readsClaim(child, claim));
