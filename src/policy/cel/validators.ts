import { type CallNode, children, type ListNode, type MapNode, type Node } from './ast.ts';
import type { Issue } from './errors.ts';
import { formatProblem } from './format-check.ts';
import { compilePattern } from './regex.ts';
import { parseDuration, parseTimestamp, timestampOfSeconds } from './time.ts';
import { elementOf, formatType, type Type } from './types.ts';
import type { Value } from './values.ts';

type Types = ReadonlyMap<Node, Type>;

/** What an expression whose types fit could still only fail at, and what Kubernetes allows no literal: mixed types in one list or map. */
export function validate(node: Node, types: Types): readonly Issue[] {
  return [...validateIn(node, types, false)];
}

/** `isExempt` within the arguments of `format`, which takes a list of whatever types. */
function* validateIn(node: Node, types: Types, isExempt: boolean): Generator<Issue> {
  if (node.kind === 'call') yield* callProblems(node, types);
  if (!isExempt && node.kind === 'list') yield* listProblems(node, types);
  if (!isExempt && node.kind === 'map') yield* mapProblems(node, types);
  const isFormat = node.kind === 'call' && node.name === 'format';
  for (const child of children(node)) yield* validateIn(child, types, isExempt || isFormat);
}

const LITERALS: Readonly<Record<string, (value: Value) => unknown>> = {
  duration: (value) => typeof value === 'string' && parseDuration(value),
  timestamp: (value) => (typeof value === 'string' ? parseTimestamp(value) : typeof value === 'bigint' && timestampOfSeconds(value)),
  matches: (value) => typeof value === 'string' && compilePattern(value),
};

function* callProblems(node: CallNode, types: Types): Generator<Issue> {
  const problem = node.name === 'format' ? formatProblem(node, types) : undefined;
  if (problem) yield problem;
  const parse = Object.hasOwn(LITERALS, node.name) ? LITERALS[node.name] : undefined;
  const [arg] = node.args;
  if (!parse || arg?.kind !== 'const') return;
  try {
    parse(arg.value);
  } catch {
    yield { position: arg.position, message: `invalid ${node.name} argument` };
  }
}

function* listProblems({ elements }: ListNode, types: Types): Generator<Issue> {
  const [first] = elements;
  if (!first) return;
  const wanted = typeOfEntry(first.value, first.isOptional, types);
  for (const { value, isOptional } of elements) {
    const found = typeOfEntry(value, isOptional, types);
    if (isSame(wanted, found)) continue;
    yield mismatch(value, wanted, found);
    return;
  }
}

function* mapProblems({ entries }: MapNode, types: Types): Generator<Issue> {
  const [first] = entries;
  if (!first) return;
  const key = typeOfEntry(first.key, false, types);
  const value = typeOfEntry(first.value, first.isOptional, types);
  for (const entry of entries) {
    const foundKey = typeOfEntry(entry.key, false, types);
    const foundValue = typeOfEntry(entry.value, entry.isOptional, types);
    if (!isSame(key, foundKey)) yield mismatch(entry.key, key, foundKey);
    if (!isSame(value, foundValue)) yield mismatch(entry.value, value, foundValue);
  }
}

const DYNAMIC: Type = { kind: 'dyn' };
function typeOfEntry(node: Node, isOptional: boolean, types: Types): Type {
  const type = types.get(node) ?? DYNAMIC;
  return isOptional && type.kind === 'optional' ? elementOf(type) : type;
}

const isSame = (a: Type, b: Type): boolean => formatType(a) === formatType(b);
const mismatch = ({ position }: Node, wanted: Type, found: Type): Issue => ({ position, message: `expected type '${formatType(wanted)}' but found '${formatType(found)}'` });
