import type { FoldNode } from './ast.ts';
import { CostExceededError, EvaluationError } from './errors.ts';
import { charge, type Evaluate, type Frame } from './frame.ts';
import type { Planner } from './plan.ts';
import { isMap, type MapKey, mapKey, typeName, type Value } from './values.ts';

/** What cel-go's expansion of each macro costs a round, besides its body. */
const ROUND = { all: 3, exists: 4, append: 12, keep: 1 } as const;

interface Loop {
  readonly range: Evaluate;
  readonly place: number;
  readonly isPair: boolean;
  readonly filter: Evaluate | undefined;
  readonly body: Evaluate;
}

export function foldPlan(node: FoldNode, scope: readonly string[], planner: Planner): Evaluate {
  const inner = [...scope, ...node.variables];
  const loop: Loop = {
    range: planner.plan(node.range, scope), place: scope.length, isPair: node.variables.length === 2,
    filter: node.filter && planner.plan(node.filter, inner), body: planner.plan(node.body, inner),
  };
  switch (node.macro) {
    case 'all': return (frame) => quantify(loop, frame, false, ROUND.all);
    case 'exists': return (frame) => quantify(loop, frame, true, ROUND.exists);
    case 'existsOne': return (frame) => existsOne(loop, frame);
    case 'filter': return (frame) => filter(loop, frame);
    case 'map': case 'transformList': return (frame) => transformList(loop, frame);
    case 'transformMap': return (frame) => transformMap(loop, frame, false);
    case 'transformMapEntry': return (frame) => transformMap(loop, frame, true);
  }
}

/** Runs `visit` for each element until it answers false. */
function each(loop: Loop, frame: Frame, visit: (first: Value) => boolean | void): void {
  const range = loop.range(frame);
  const { locals } = frame;
  const { place } = loop;
  if (Array.isArray(range)) {
    for (let i = 0; i < range.length; i += 1) {
      const item = range[i] as Value;
      locals[place] = loop.isPair ? BigInt(i) : item;
      if (loop.isPair) locals[place + 1] = item;
      if (visit(locals[place] as Value) === false) return;
    }
  } else if (isMap(range)) {
    for (const [key, value] of range) {
      locals[place] = key;
      if (loop.isPair) locals[place + 1] = value;
      if (visit(key) === false) return;
    }
  } else throw new EvaluationError(`got 'types.${goName(range)}', expected iterable type`);
}

function goName(value: Value): string {
  const name = typeName(value).replace(/^.*[.]|_type$/g, '');
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

/** `decisive` ends the loop; a failure counts only when no element decides. */
function quantify(loop: Loop, frame: Frame, decisive: boolean, round: number): boolean {
  let failure: unknown;
  let isDecided = false;
  each(loop, frame, () => {
    charge(frame, round);
    try {
      const value = loop.body(frame);
      if (value === decisive) isDecided = true;
      else if (typeof value !== 'boolean') failure ??= new EvaluationError('no such overload');
    } catch (error) {
      if (error instanceof CostExceededError) throw error;
      failure ??= error;
    }
    return !isDecided;
  });
  charge(frame, 1);
  if (isDecided) return decisive;
  if (failure !== undefined) throw failure;
  return !decisive;
}

function existsOne(loop: Loop, frame: Frame): boolean {
  let count = 0;
  each(loop, frame, () => {
    const holds = requireBool(loop.body(frame));
    charge(frame, holds ? 2 : ROUND.keep);
    if (holds) count += 1;
  });
  charge(frame, 2);
  return count === 1;
}

function filter(loop: Loop, frame: Frame): Value {
  const kept: Value[] = [];
  each(loop, frame, (element) => {
    const holds = requireBool(loop.body(frame));
    charge(frame, holds ? ROUND.append + 1 : ROUND.keep);
    if (holds) kept.push(element);
  });
  charge(frame, 1);
  return kept;
}

function transformList(loop: Loop, frame: Frame): Value {
  const result: Value[] = [];
  each(loop, frame, () => {
    if (!passes(loop, frame)) return;
    result.push(loop.body(frame));
    charge(frame, ROUND.append);
  });
  charge(frame, 1);
  return result;
}

function transformMap(loop: Loop, frame: Frame, isEntry: boolean): Value {
  const result = new Map<MapKey, Value>();
  each(loop, frame, (key) => {
    if (!passes(loop, frame)) return;
    const value = loop.body(frame);
    charge(frame, 2);
    if (!isEntry) result.set(mapKey(key) as MapKey, value);
    else if (!isMap(value)) throw new EvaluationError('no such overload');
    else {
      for (const [k, v] of value) {
        if (result.has(k)) throw new EvaluationError(`insert failed: key ${k} already exists`);
        result.set(k, v);
      }
    }
  });
  charge(frame, 1);
  return result;
}

function passes(loop: Loop, frame: Frame): boolean {
  if (!loop.filter || requireBool(loop.filter(frame))) return true;
  charge(frame, ROUND.keep);
  return false;
}

function requireBool(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  throw new EvaluationError('no such overload');
}
