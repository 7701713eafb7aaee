/** Metadata where a format knows no nesting: `age__list_0__map_enc`; line breaks are written `\n`. */
export function unflatten(flat: Iterable<readonly [string, string]>): Readonly<Record<string, unknown>> {
  const root: Node = new Map();
  for (const [name, text] of flat) {
    const steps = name.split(/__(?:map|list)_/);
    let node = root;
    for (const step of steps.slice(0, -1)) {
      const next = node.get(step);
      if (next instanceof Map) node = next;
      else node.set(step, (node = new Map()));
    }
    node.set(steps.at(-1) ?? '', text.replaceAll(String.raw`\n`, '\n'));
  }
  return toJson(root) as Readonly<Record<string, unknown>>;
}

interface Node extends Map<string, string | Node> {}

function toJson(node: string | Node): unknown {
  if (typeof node === 'string') return node;
  const entries = [...node].map(([key, value]) => [key, toJson(value)] as const);
  return entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key)) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}
