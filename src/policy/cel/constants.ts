import type { CallNode, Node } from './ast.ts';
import type { Checked } from './checker.ts';
import { dispatcher } from './dispatch.ts';
import { type MapKey, mapKey, type Value } from './values.ts';

const CONVERSIONS: ReadonlySet<string> = new Set(['bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'string', 'timestamp', 'type', 'uint']);

/** The parts of an expression that are computed once, before any evaluation, and cost nothing then: literals, lists and maps of them, and their conversions. */
export class Constants {
  readonly #checked: Checked;
  readonly #known = new Map<Node, Value | undefined>();

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  /** Undefined for what is not constant. @throws EvaluationError for a conversion that has no value */
  of(node: Node): Value | undefined {
    if (!this.#known.has(node)) this.#known.set(node, this.#compute(node));
    return this.#known.get(node);
  }

  #compute(node: Node): Value | undefined {
    switch (node.kind) {
      case 'const': return node.value;
      case 'list': return this.#all(node.elements);
      case 'map': return this.#map(node.entries);
      case 'call': return this.#conversion(node);
      default: return this.#checked.constants.get(node);
    }
  }

  #all(elements: readonly { readonly value: Node; readonly isOptional?: boolean }[]): readonly Value[] | undefined {
    const items: Value[] = [];
    for (const { value, isOptional } of elements) {
      const item = isOptional ? undefined : this.of(value);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }

  #map(entries: readonly { readonly key: Node; readonly value: Node; readonly isOptional: boolean }[]): Value | undefined {
    const keys = this.#all(entries.map(({ key }) => ({ value: key })))?.map(mapKey);
    const values = this.#all(entries);
    if (!keys || !values || keys.includes(undefined)) return undefined;
    return new Map(keys.map((key, i) => [key as MapKey, values[i] as Value]));
  }

  #conversion(node: CallNode): Value | undefined {
    const [arg] = node.args;
    if (node.target || node.args.length !== 1 || !arg || !CONVERSIONS.has(node.name)) return undefined;
    const value = this.of(arg);
    return value === undefined ? undefined : dispatcher(node.name, this.#checked.overloads.get(node) ?? [], true)([value]);
  }
}
