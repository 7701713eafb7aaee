import { isJsonObject } from '#api/json.ts';
import { type Default, inside } from './fill.ts';

/** Takes annotations away that Kubernetes keeps of no object, for they once stood for fields: the member too when none is left. */
export function withoutAnnotations(names: readonly string[]): Default {
  return inside('metadata', (metadata) => {
    const annotations = metadata['annotations'];
    if (!isJsonObject(annotations) || !names.some((name) => Object.hasOwn(annotations, name))) return metadata;
    const kept = Object.entries(annotations).filter(([name]) => !names.includes(name));
    const { annotations: _, ...rest } = metadata;
    return kept.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(kept) };
  });
}
