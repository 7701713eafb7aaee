import type { CallNode, Node } from './ast.ts';
import type { Issue } from './errors.ts';
import { CLAUSE_KINDS, clauseError, type FormatVerb, parseFormat } from './format-clauses.ts';
import { type Type, typeText } from './types.ts';

/** What is wrong with a format and its arguments when both are written out. */
export function formatProblem({ target, args: [list], position, args }: CallNode, types: ReadonlyMap<Node, Type>): Issue | undefined {
  if (target?.kind !== 'const' || typeof target.value !== 'string' || args.length !== 1 || list?.kind !== 'list') return undefined;
  const given = list.elements.map((e) => e.value);
  let used = 0;
  for (const part of parseFormat(target.value)) {
    if (typeof part === 'string') continue;
    const arg = given[used++];
    if ('problem' in part && part.isBeforeArgument) return { position, message: part.problem };
    if (arg === undefined) return { position, message: `index ${used - 1} out of range` };
    if ('problem' in part) return { position, message: part.problem };
    const wrong = misfit(arg, part.verb, types);
    if (wrong) return { position: wrong.position, message: clauseError(part.verb, typeText(types.get(wrong) ?? { kind: 'dyn' }, true)) };
  }
  return given.length > used ? { position, message: `too many arguments supplied to string.format (expected ${used}, got ${given.length})` } : undefined;
}

/** The argument, or what in it, a clause does not take. */
function misfit(node: Node, verb: FormatVerb, types: ReadonlyMap<Node, Type>): Node | undefined {
  const kind = types.get(node)?.kind ?? 'dyn';
  if (kind !== 'dyn' && !CLAUSE_KINDS[verb].has(kind)) return node;
  if (verb !== 's') return undefined;
  const inner = node.kind === 'list' ? node.elements.map((e) => e.value) : node.kind === 'map' ? node.entries.flatMap((e) => [e.key, e.value]) : [];
  for (const item of inner) {
    const wrong = misfit(item, verb, types);
    if (wrong) return wrong;
  }
  return undefined;
}
