import { isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';

/** `spec.containers[0].image`, `metadata.labels[app.kubernetes.io/name]`, `data["a.b"]` as steps from the root. */
export function parseFieldPath(path: string): readonly (string | number)[] {
  const steps = path.matchAll(/\[(?:"((?:[^"\\]|\\.)*)"|([^\]]*))\]|([^.[\]]+)/g);
  return [...steps].map(([, quoted, bracketed, name]) => {
    const inner = quoted ?? bracketed ?? name ?? '';
    return bracketed !== undefined && /^\d+$/.test(bracketed) ? Number(bracketed) : inner;
  });
}

/**
 * The one-based line of a YAML (or JSON) text that sets a field. When the field is absent, as one that is required, the line
 * of its nearest parent; when nothing of the path is there, 1. Parses anew: only asked for when something is wrong.
 */
export function findFieldLine(text: string, path: readonly (string | number)[]): number {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, version: '1.1', strict: false, uniqueKeys: false, logLevel: 'silent' });
  let node: unknown = document.contents;
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0;
  for (const step of path) {
    const next = childOf(node, step);
    if (!next) break;
    offset = next.offset;
    node = next.value;
  }
  return counter.linePos(offset).line || 1;
}

interface Child { readonly offset: number; readonly value: unknown }

function childOf(node: unknown, step: string | number): Child | undefined {
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : undefined;
    return isCollection(item) || isScalar(item) ? { offset: item.range?.[0] ?? 0, value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  // The last of two equal keys is the one that counts.
  const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(step));
  return isScalar(pair?.key) ? { offset: pair.key.range?.[0] ?? 0, value: pair.value } : undefined;
}
