import { posix } from 'node:path';
import type { KustomizeSpec } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { OwnedField } from '../ownership.ts';
import { follow, mayBecome, readManifests, says } from './manifest.ts';
import { generatedPlace } from './kustomize-generators.ts';
import { readLayer, type Layer, type TextOf } from './kustomize-layer.ts';
import { patchPlace } from './kustomize-patches.ts';
import { transformerPlace } from './kustomize-transformers.ts';
import { ABSENT, placeAt, type Place, type Trace, type Tracer } from './tracer.ts';

export interface KustomizeSource {
  /** Folder of the outermost kustomization. */
  readonly folder: string;
  /** By path, all that kustomize reads. */
  readonly texts: ReadonlyMap<string, string>;
  /** As of the Application. */
  readonly spec?: KustomizeSpec | undefined;
}

const MAX_DEPTH = 50;

/**
 * Traces through overlays: the outermost place that says what the object holds is the one that counts, as later layers win. Nothing is
 * rendered; a value that no file says (a replacement, a hash) is traced to the files only.
 */
export function kustomizeTracer({ folder, texts, spec = {} }: KustomizeSource, live: KubeObject): Tracer {
  const textOf: TextOf = (path) => texts.get(posix.normalize(path));
  const layers = new Map<string, Layer | undefined>();
  const layerOf = (at: string): Layer | undefined => {
    if (!layers.has(at)) layers.set(at, readLayer(at, textOf, live));
    return layers.get(at);
  };
  return {
    trace(field): Trace {
      if (isFromApplication(spec, field, live)) return { kind: 'application', field: 'spec.render.kustomize' };
      const place = search(field, folder, layerOf, 0);
      if (place) return { kind: 'place', place };
      if (typeof field.value === 'object' && field.value !== null) return ABSENT;
      return { kind: 'files', files: [...texts.keys()], why: 'no input of the kustomization says this value as it stands: it was replaced, generated or computed' };
    },
  };
}

function search(field: OwnedField, folder: string, layerOf: (folder: string) => Layer | undefined, depth: number): Place | undefined {
  const layer = layerOf(posix.normalize(folder === '' ? '.' : folder));
  if (!layer || depth > MAX_DEPTH) return undefined;
  const own = transformerPlace(layer, field) ?? patchPlace(layer, field) ?? generatedPlace(layer, field);
  if (own) return own;
  for (const name of ['components', 'resources', 'bases']) {
    for (const { scalar } of layer.root.members.get(name)?.items.toReversed() ?? []) {
      const path = posix.join(folder, String(scalar));
      const found = layer.textOf(path) === undefined ? search(field, path, layerOf, depth + 1) : resourcePlace(layer, path, field);
      if (found) return found;
    }
  }
  return undefined;
}

function resourcePlace({ textOf, live }: Layer, path: string, field: OwnedField): Place | undefined {
  for (const manifest of readManifests(path, textOf(path) ?? '', live.kind).filter((candidate) => mayBecome(candidate, live))) {
    const { node } = follow(manifest.root, field.path);
    if (node && says(node, field.value)) return placeAt(path, node);
  }
  return undefined;
}

function isFromApplication({ namePrefix, nameSuffix, images = [] }: KustomizeSpec, { path, value }: OwnedField, { metadata }: KubeObject): boolean {
  if (path.length === 2 && path[0] === 'metadata' && path[1] === 'name') return Boolean((namePrefix && metadata.name.startsWith(namePrefix)) || (nameSuffix && metadata.name.endsWith(nameSuffix)));
  return path.at(-1) === 'image' && images.some(({ name, newName, newTag, digest }) => String(value) === `${newName ?? name}${digest ? `@${digest}` : newTag ? `:${newTag}` : ''}`);
}
