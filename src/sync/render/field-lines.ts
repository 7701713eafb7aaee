import { readFieldTree, type FieldNode } from '#api/field-tree.ts';

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
  let nearest = readFieldTree(text);
  for (const step of path) {
    const next = nearest && childOf(nearest, step);
    if (!next) break;
    nearest = next;
  }
  return nearest?.first ?? 1;
}

const childOf = ({ members, items }: FieldNode, step: string | number): FieldNode | undefined =>
  members.get(String(step)) ?? (typeof step === 'number' ? items[step] : undefined);
