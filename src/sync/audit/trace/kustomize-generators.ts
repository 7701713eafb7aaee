import { posix } from 'node:path';
import type { FieldNode } from '#api/field-tree.ts';
import type { OwnedField } from '../ownership.ts';
import type { Layer } from './kustomize-layer.ts';
import { placeAt, type Place } from './tracer.ts';

const GENERATORS: Readonly<Record<string, string>> = { ConfigMap: 'configMapGenerator', Secret: 'secretGenerator' };

/** The file, line of an env file, or literal that a generator made an entry of; for the rest of its object the generator itself. */
export function generatedPlace(layer: Layer, { path: [section, key, ...deeper], value }: OwnedField): Place | undefined {
  const { live, root } = layer;
  const generators = root.members.get(GENERATORS[live.kind] ?? '')?.items ?? [];
  for (const generator of generators.toReversed()) {
    const name = generator.members.get('name');
    if (!name || !live.metadata.name.includes(String(name.scalar))) continue;
    if (section === 'metadata' && key === 'name') return placeAt(layer.path, name);
    if ((section === 'data' || section === 'binaryData') && typeof key === 'string' && deeper.length === 0) {
      const found = entryPlace(layer, generator, { key, value: String(value) });
      if (found) return found;
    } else if (key === undefined && section !== 'metadata') return placeAt(layer.path, generator);
  }
  return undefined;
}

function entryPlace({ path, folder, textOf, live }: Layer, { members }: FieldNode, { key, value }: { readonly key: string; readonly value: string }): Place | undefined {
  const literal = members.get('literals')?.items.find(({ scalar }) => String(scalar).startsWith(`${key}=`));
  if (literal) return placeAt(path, literal);
  for (const { scalar } of members.get('files')?.items ?? []) {
    const [first = '', second] = String(scalar).split('=');
    const file = posix.join(folder, second ?? first);
    const text = textOf(file);
    if ((second === undefined ? posix.basename(first) : first) === key && text !== undefined) return placeAt(file, { first: 1, last: lineCount(text) });
  }
  const envs = [...(members.get('envs')?.items ?? []), ...(members.has('env') ? [members.get('env')] : [])];
  for (const node of envs) {
    const file = posix.join(folder, String(node?.scalar));
    const lines = (textOf(file) ?? '').split('\n');
    const index = lines.findIndex((line) => line.startsWith(`${key}=`) && (live.kind === 'Secret' || line.slice(key.length + 1) === value));
    if (index >= 0) return placeAt(file, { first: index + 1, last: index + 1 });
  }
  return undefined;
}

const lineCount = (text: string): number => Math.max(1, text.replace(/\n$/, '').split('\n').length);
