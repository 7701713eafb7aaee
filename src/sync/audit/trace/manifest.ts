import { readFieldTree, type FieldNode } from '#api/field-tree.ts';
import type { KubeObject } from '#api/object.ts';
import { splitDocuments } from '../../render/documents.ts';
import type { Step } from '../ownership.ts';

/** One object of a file, as far as it names itself. */
export interface Manifest {
  readonly path: string;
  readonly root: FieldNode;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** The objects that a text declares, `List` kinds opened. Documents that do not hold `word` are not parsed. */
export function readManifests(path: string, text: string, word = ''): readonly Manifest[] {
  const documents = /\.json$/i.test(path) ? [{ text, lineOffset: 0 }] : splitDocuments(text);
  return documents.filter((document) => document.text.includes(word)).flatMap((document) => {
    const root = readFieldTree(document.text, document.lineOffset);
    return root ? manifestsOf(path, root) : [];
  });
}

export const manifestsOf = (path: string, root: FieldNode): readonly Manifest[] => {
  const kind = textOf(root.members.get('kind'));
  const items = root.members.get('items')?.items;
  if (kind.endsWith('List') && items) return items.flatMap((item) => manifestsOf(path, item));
  const metadata = root.members.get('metadata')?.members;
  return [{ path, root, kind, apiVersion: textOf(root.members.get('apiVersion')), name: textOf(metadata?.get('name')), namespace: textOf(metadata?.get('namespace')) }];
};

/** Whether a manifest declares the object under its own name; one without a namespace may stand for any. */
export const declares = ({ apiVersion, kind, name, namespace }: Manifest, { metadata, ...object }: KubeObject): boolean =>
  kind === object.kind && name === metadata.name && groupOf(apiVersion) === groupOf(object.apiVersion) && (namespace === '' || namespace === metadata.namespace);

/** As {@link declares}, where a name may have been given a prefix or a suffix, and the namespace another. */
export const mayBecome = ({ apiVersion, kind, name }: Manifest, { metadata, ...object }: KubeObject): boolean =>
  kind === object.kind && name !== '' && metadata.name.includes(name) && groupOf(apiVersion) === groupOf(object.apiVersion);

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.split('/', 1)[0] ?? '' : '');
const textOf = (node: FieldNode | undefined): string => (node?.scalar === undefined || node.scalar === null ? '' : String(node.scalar));

export interface Followed {
  /** The field's own node; undefined when the document ends before. */
  readonly node: FieldNode | undefined;
  /** The deepest node on the way. */
  readonly nearest: FieldNode;
  /** What of the path lies below `nearest`. */
  readonly rest: readonly Step[];
}

/** Goes along a live object's path: items of lists with keys are told by their keys, as the server merged them, others by their index. */
export function follow(root: FieldNode, path: readonly Step[]): Followed {
  let nearest = root;
  for (const [at, step] of path.entries()) {
    const next = childAt(nearest, step);
    if (!next) return { node: undefined, nearest, rest: path.slice(at) };
    nearest = next;
  }
  return { node: nearest, nearest, rest: [] };
}

function childAt({ members, items }: FieldNode, step: Step): FieldNode | undefined {
  if (typeof step === 'string') return members.get(step);
  const { keys, index } = step;
  if (keys === undefined) return items[index];
  if (typeof keys !== 'object' || keys === null) return items.find(({ scalar }) => String(scalar) === String(keys));
  const wanted = Object.entries(keys);
  // A key that is not written has its default: `protocol` of a port.
  return items.find((item) => wanted.some(([key]) => item.members.has(key)) && wanted.every(([key, value]) => !item.members.has(key) || String(item.members.get(key)?.scalar) === String(value)));
}

/** Whether a place says what the object holds; of maps and lists only that it is there is asked. */
export const says = (node: FieldNode, value: unknown): boolean =>
  typeof value === 'object' && value !== null ? node.scalar === undefined || node.scalar === null : String(node.scalar) === String(value);
