import { posix } from 'node:path';
import { readFieldTree, type FieldNode } from '#api/field-tree.ts';
import type { KubeObject } from '#api/object.ts';
import { splitDocuments } from '../../render/documents.ts';
import type { OwnedField, Step } from '../ownership.ts';
import type { Layer } from './kustomize-layer.ts';
import { follow, manifestsOf, mayBecome, says } from './manifest.ts';
import { placeAt, type Place } from './tracer.ts';

interface PatchText {
  /** The file that it stands in. */
  readonly path: string;
  readonly text: string;
  readonly lineOffset: number;
  readonly target: FieldNode | undefined;
}

/** The line of a patch that gives the field its value; of several patches the last. */
export function patchPlace(layer: Layer, field: OwnedField): Place | undefined {
  for (const patch of patchesOf(layer).toReversed()) {
    if (patch.target && !selects(patch.target, layer.live)) continue;
    for (const document of splitDocuments(patch.text).toReversed()) {
      const root = readFieldTree(document.text, document.lineOffset + patch.lineOffset);
      const node = root && (root.items.length > 0 ? operationNode(root, field) : mergeNode(root, field, patch, layer.live));
      if (node) return placeAt(patch.path, node);
    }
  }
  return undefined;
}

function patchesOf({ root, path, folder, textOf }: Layer): readonly PatchText[] {
  const inline = (node: FieldNode, target?: FieldNode): PatchText => ({ path, text: String(node.scalar), lineOffset: node.last > node.first ? node.first : node.first - 1, target });
  const file = (name: unknown, target?: FieldNode): readonly PatchText[] => {
    const at = posix.join(folder, String(name));
    const text = textOf(at);
    return text === undefined ? [] : [{ path: at, text, lineOffset: 0, target }];
  };
  const merges = (root.members.get('patchesStrategicMerge')?.items ?? []).flatMap((node) => (String(node.scalar).includes('\n') ? [inline(node)] : file(node.scalar)));
  const others = ['patches', 'patchesJson6902'].flatMap((list) => (root.members.get(list)?.items ?? []).flatMap(({ members }) => {
    const [text, target] = [members.get('patch'), members.get('target')];
    return text ? [inline(text, target)] : members.has('path') ? file(members.get('path')?.scalar, target) : [];
  }));
  return [...merges, ...others];
}

/** Kustomize matches names of targets as whole regular expressions, of the name before prefixes. */
function selects({ members }: FieldNode, { kind, metadata }: KubeObject): boolean {
  const text = (name: string): string => String(members.get(name)?.scalar ?? '');
  if (text('kind') !== '' && text('kind') !== kind) return false;
  const name = text('name');
  try {
    return name === '' || metadata.name.includes(name) || new RegExp(name).test(metadata.name);
  } catch {
    return false;
  }
}

function mergeNode(root: FieldNode, field: OwnedField, { path, target }: PatchText, live: KubeObject): FieldNode | undefined {
  const [manifest] = manifestsOf(path, root);
  if (!target && !(manifest && mayBecome(manifest, live))) return undefined;
  // The names by which a patch finds its object are not what it sets.
  if (['apiVersion', 'kind', 'metadata.name'].includes(field.path.join('.'))) return undefined;
  const { node } = follow(root, field.path);
  return node && typeof field.value !== 'object' && says(node, field.value) ? node : undefined;
}

/** RFC 6902: what `add` and `replace` put at the field, or around it. */
function operationNode({ items }: FieldNode, { path, value }: OwnedField): FieldNode | undefined {
  if (typeof value === 'object') return undefined;
  for (const { members } of items.toReversed()) {
    const put = members.get('value');
    const steps = String(members.get('path')?.scalar ?? '').split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (!put || !steps.every((step, i) => isStep(path[i], step))) continue;
    const { node } = follow(put, path.slice(steps.length));
    if (node && says(node, value)) return node;
  }
  return undefined;
}

/** `-` is the end of a list, wherever that came to be. */
const isStep = (step: Step | undefined, text: string): boolean => (typeof step === 'object' ? text === '-' || Number(text) === step.index : step === text);
