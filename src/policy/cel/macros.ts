import type { CallNode, FoldMacro, Node } from './ast.ts';
import { qualifiedName } from './ast.ts';
import type { CelEnvironment } from './declarations.ts';

/** The macros that not every expression has. */
export type Macros = Pick<CelEnvironment, 'hasBindings'>;
type Fail = (position: number, message: string) => never;

/** One-variable and two-variable comprehensions by name and number of arguments. */
const FOLDS: Readonly<Record<string, { readonly macro: FoldMacro; readonly names: 1 | 2; readonly hasFilter?: true }>> = {
  'all/2': { macro: 'all', names: 1 }, 'exists/2': { macro: 'exists', names: 1 },
  'exists_one/2': { macro: 'existsOne', names: 1 },
  'map/2': { macro: 'map', names: 1 }, 'map/3': { macro: 'map', names: 1, hasFilter: true }, 'filter/2': { macro: 'filter', names: 1 },
  'all/3': { macro: 'all', names: 2 }, 'exists/3': { macro: 'exists', names: 2 },
  'exists_one/3': { macro: 'existsOne', names: 2 }, 'existsOne/3': { macro: 'existsOne', names: 2 },
  'transformList/3': { macro: 'transformList', names: 2 }, 'transformList/4': { macro: 'transformList', names: 2, hasFilter: true },
  'transformMap/3': { macro: 'transformMap', names: 2 }, 'transformMap/4': { macro: 'transformMap', names: 2, hasFilter: true },
  'transformMapEntry/3': { macro: 'transformMapEntry', names: 2 }, 'transformMapEntry/4': { macro: 'transformMapEntry', names: 2, hasFilter: true },
};

/** The node that a call stands for when it is a macro, else the call. */
export function expandMacro(call: CallNode, { hasBindings = false }: Macros, fail: Fail): Node {
  if (!call.target) return call.name === 'has' && call.args.length === 1 ? expandHas(call, fail) : call;
  if (hasBindings && call.name === 'bind' && call.args.length === 3 && qualifiedName(call.target) === 'cel') {
    const [name, init, body] = call.args as readonly [Node, Node, Node];
    return { kind: 'bind', name: simpleName(name, fail, 'cel.bind() variable names must be simple identifiers'), init, body, position: call.position };
  }
  if ((call.name === 'optMap' || call.name === 'optFlatMap') && call.args.length === 2) {
    const [name, body] = call.args as readonly [Node, Node];
    return { kind: 'optMap', isFlat: call.name === 'optFlatMap', target: call.target, name: simpleName(name, fail, `${call.name}() variable name must be a simple identifier`), body, position: call.position };
  }
  if (call.name === 'sortBy' && call.args.length === 2) return expandSortBy(call, call.target, fail);
  return expandFold(call, call.target, fail);
}

/** No name of an expression has such a sign. */
const SORTED = '@__sortBy_input__';

/** `list.sortBy(x, key)` binds the list, maps it to its keys, and sorts it by them. */
function expandSortBy({ args, position }: CallNode, list: Node, fail: Fail): Node {
  const input: Node = { kind: 'ident', name: SORTED, position };
  const keys = expandFold({ kind: 'call', name: 'map', target: input, args, position }, input, fail);
  return { kind: 'bind', name: SORTED, init: list, body: { kind: 'call', name: '@sortByAssociatedKeys', target: input, args: [keys], position }, position };
}

function expandHas(call: CallNode, fail: Fail): Node {
  const [arg] = call.args;
  if (arg?.kind !== 'select' || arg.isOptional) return fail(arg?.position ?? call.position, 'invalid argument to has() macro');
  return { ...arg, isTest: true, position: call.position };
}

function expandFold(call: CallNode, range: Node, fail: Fail): Node {
  const fold = FOLDS[`${call.name}/${call.args.length}`];
  if (!fold) return call;
  const variables = foldVariables(call.args.slice(0, fold.names), fold.macro, fail);
  const rest = call.args.slice(fold.names);
  const [filter, body] = fold.hasFilter ? (rest as [Node, Node]) : [undefined, rest[0] as Node];
  return { kind: 'fold', macro: fold.macro, range, variables, body, position: call.position, ...(filter ? { filter } : {}) };
}

/** What cel-go calls the result so far, which no expression may. */
const ACCUMULATOR = '__result__';

function foldVariables(args: readonly Node[], macro: FoldMacro, fail: Fail): readonly string[] {
  const isIdentifier = macro === 'map' || macro === 'filter';
  const names = args.map((arg) => simpleName(arg, fail, isIdentifier ? 'argument is not an identifier' : 'argument must be a simple name'));
  const [first, second] = names;
  if (second !== undefined && first === second) fail(args[1]?.position ?? 0, `duplicate variable name: ${first}`);
  for (const [i, name] of names.entries()) if (name === ACCUMULATOR) fail(args[i]?.position ?? 0, 'iteration variable overwrites accumulator variable');
  return names;
}

function simpleName(node: Node, fail: Fail, message: string): string {
  return node.kind === 'ident' ? node.name : fail(node.position, message);
}
