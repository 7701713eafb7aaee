import type { FieldNode } from '#api/field-tree.ts';
import type { OwnedField, Step } from '../ownership.ts';
import type { Layer } from './kustomize-layer.ts';
import { says } from './manifest.ts';
import { placeAt, type Place } from './tracer.ts';

/** The line of a kustomization's own fields (images, labels, prefix, ...) that gives the field its value. */
export function transformerPlace({ root, path, live }: Layer, field: OwnedField): Place | undefined {
  const node = nameNode(root, field, live.metadata.name) ?? imageNode(root, field) ?? replicasNode(root, field, live.metadata.name) ?? mapNode(root, field);
  return node && placeAt(path, node);
}

function nameNode({ members }: FieldNode, { path, value }: OwnedField, name: string): FieldNode | undefined {
  if (path.length !== 2 || path[0] !== 'metadata') return undefined;
  if (path[1] === 'namespace') return matching(members.get('namespace'), value);
  if (path[1] !== 'name') return undefined;
  const [prefix, suffix] = [members.get('namePrefix'), members.get('nameSuffix')];
  if (prefix?.scalar && name.startsWith(String(prefix.scalar))) return prefix;
  return suffix?.scalar && name.endsWith(String(suffix.scalar)) ? suffix : undefined;
}

/** The most telling of an image's fields: the tag or digest, as the name seldom changes. */
function imageNode({ members }: FieldNode, { path, value }: OwnedField): FieldNode | undefined {
  if (path.at(-1) !== 'image' || typeof value !== 'string') return undefined;
  for (const { members: image } of members.get('images')?.items ?? []) {
    const text = (name: string): string | undefined => (image.has(name) ? String(image.get(name)?.scalar) : undefined);
    const [digest, tag] = [text('digest'), text('newTag')];
    const base = text('newName') ?? text('name') ?? '';
    if (isImage(value, { base, tag, digest }) && (tag ?? digest ?? text('newName')) !== undefined) {
      return image.get('digest') ?? image.get('newTag') ?? image.get('newName');
    }
  }
  return undefined;
}

function isImage(value: string, { base, tag, digest }: { readonly base: string; readonly tag: string | undefined; readonly digest: string | undefined }): boolean {
  if (digest !== undefined) return value.startsWith(base) && value.endsWith(`@${digest}`);
  return tag === undefined ? value === base || value.startsWith(`${base}:`) || value.startsWith(`${base}@`) : value === `${base}:${tag}`;
}

function replicasNode({ members }: FieldNode, { path, value }: OwnedField, name: string): FieldNode | undefined {
  if (path.join('.') !== 'spec.replicas') return undefined;
  const entry = members.get('replicas')?.items.find(({ members: replica }) => name.includes(String(replica.get('name')?.scalar)));
  return matching(entry?.members.get('count'), value);
}

const LABEL_PARENTS: ReadonlySet<Step | undefined> = new Set(['labels', 'matchLabels', 'selector']);

/** Labels and annotations that are added to everything. */
function mapNode({ members }: FieldNode, { path, value }: OwnedField): FieldNode | undefined {
  const [parent, key] = path.slice(-2);
  if (typeof key !== 'string') return undefined;
  if (parent === 'annotations') return matching(members.get('commonAnnotations')?.members.get(key), value);
  if (!LABEL_PARENTS.has(parent)) return undefined;
  const maps = [members.get('commonLabels'), ...(members.get('labels')?.items ?? []).map((item) => item.members.get('pairs'))];
  return maps.map((map) => matching(map?.members.get(key), value)).find((node) => node !== undefined);
}

const matching = (node: FieldNode | undefined, value: unknown): FieldNode | undefined => (node && says(node, value) ? node : undefined);
