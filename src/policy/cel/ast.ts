import type { Type } from './types.ts';
import type { Value } from './values.ts';

interface At {
  /** Offset in the source that errors point at. */
  readonly position: number;
}

export interface ConstNode extends At { readonly kind: 'const'; readonly value: Value; readonly type: Type }
export interface IdentNode extends At { readonly kind: 'ident'; readonly name: string }
/** `operand.field`, `operand.?field` and, as a test, `has(operand.field)`. */
export interface SelectNode extends At { readonly kind: 'select'; readonly operand: Node; readonly field: string; readonly isOptional: boolean; readonly isTest: boolean }
/** Functions and operators; operators have cel-go's names, `_+_`. */
export interface CallNode extends At { readonly kind: 'call'; readonly name: string; readonly target?: Node; readonly args: readonly Node[] }
export interface ListNode extends At { readonly kind: 'list'; readonly elements: readonly { readonly value: Node; readonly isOptional: boolean }[] }
export interface MapNode extends At { readonly kind: 'map'; readonly entries: readonly { readonly key: Node; readonly value: Node; readonly isOptional: boolean }[] }
/** `Name.of.type{field: value}`. */
export interface StructNode extends At { readonly kind: 'struct'; readonly name: string; readonly fields: readonly StructField[] }
export interface StructField extends At { readonly name: string; readonly value: Node; readonly isOptional: boolean }
/** A comprehension. `filter` is the condition of `map`, `transformList` and the like. */
export interface FoldNode extends At {
  readonly kind: 'fold';
  readonly macro: FoldMacro;
  readonly range: Node;
  /** The element (of a list), the key (of a map); with two names, index or key first and then the value. */
  readonly variables: readonly string[];
  readonly filter?: Node;
  readonly body: Node;
}
export type FoldMacro = 'all' | 'exists' | 'existsOne' | 'map' | 'filter' | 'transformList' | 'transformMap' | 'transformMapEntry';
/** `cel.bind(name, init, body)`. */
export interface BindNode extends At { readonly kind: 'bind'; readonly name: string; readonly init: Node; readonly body: Node }
/** `target.optMap(name, body)`, `target.optFlatMap(name, body)`. */
export interface OptMapNode extends At { readonly kind: 'optMap'; readonly isFlat: boolean; readonly target: Node; readonly name: string; readonly body: Node }

export type Node = ConstNode | IdentNode | SelectNode | CallNode | ListNode | MapNode | StructNode | FoldNode | BindNode | OptMapNode;

/** `a.b.c` when the node is nothing but names. */
export function qualifiedName(node: Node): string | undefined {
  if (node.kind === 'ident') return node.name;
  if (node.kind !== 'select' || node.isOptional || node.isTest) return undefined;
  const prefix = qualifiedName(node.operand);
  return prefix === undefined ? undefined : `${prefix}.${node.field}`;
}

export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'const': case 'ident': return [];
    case 'select': return [node.operand];
    case 'call': return node.target ? [node.target, ...node.args] : node.args;
    case 'list': return node.elements.map((e) => e.value);
    case 'map': return node.entries.flatMap((e) => [e.key, e.value]);
    case 'struct': return node.fields.map((f) => f.value);
    case 'fold': return [node.range, ...(node.filter ? [node.filter] : []), node.body];
    case 'bind': return [node.init, node.body];
    case 'optMap': return [node.target, node.body];
  }
}

/** Whether the expression reads a variable of this name. */
export const mentions = (node: Node, name: string): boolean => (node.kind === 'ident' && node.name === name) || children(node).some((child) => mentions(child, name));
