import { goType } from '#api/go-text.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { Problems } from '#api/validation/problems.ts';
import { validateAnnotations, validateLabels } from '#api/validation/object-meta.ts';

/** What of its identity a converted object has lost; undefined when nothing. */
export function checkConverted(original: KubeObject, converted: Partial<KubeObject>): string | undefined {
  for (const [field, name] of [['name', 'name'], ['namespace', 'namespace'], ['uid', 'UID']] as const) {
    const [wanted, given] = [original.metadata[field] ?? '', converted.metadata?.[field] ?? ''];
    if (wanted !== given) return `must have the same ${name}: ${wanted} != ${given}`;
  }
  return undefined;
}

/** The converted object with the metadata of the original, of which only labels and annotations may change; or why it cannot be. */
export function restoreMetadata(original: KubeObject, converted: JsonObject): KubeObject | string {
  const given = converted['metadata'];
  if (given === undefined) return 'missing metadata in converted object';
  if (!isJsonObject(given)) return `invalid metadata of type ${typeName(given)} in converted object`;
  const { labels: _l, annotations: _a, ...metadata } = original.metadata;
  const restored: Record<string, unknown> = { ...metadata };
  for (const field of ['labels', 'annotations'] as const) {
    const texts = given[field];
    if (texts === undefined || texts === null) continue;
    const problem = checkTexts(field, texts, original.metadata[field]);
    if (problem !== undefined) return problem;
    restored[field] = texts;
  }
  return { ...converted, metadata: restored } as unknown as KubeObject;
}

const typeName = (value: unknown): string => (value === null ? '<nil>' : goType(value));

/** What was there before is not judged again. */
function checkTexts(field: 'labels' | 'annotations', texts: unknown, before: Readonly<Record<string, string>> | undefined): string | undefined {
  if (!isJsonObject(texts)) return `invalid metadata.${field} of type ${typeName(texts)} in converted object`;
  const wrong = Object.entries(texts).find(([, value]) => typeof value !== 'string');
  if (wrong !== undefined) return `metadata.${field}[${wrong[0]}] must be a string, but is ${typeName(wrong[1])} in converted object`;
  const entries = Object.entries(texts);
  if (entries.length === Object.keys(before ?? {}).length && entries.every(([key, value]) => before?.[key] === value)) return undefined;
  const problems = new Problems();
  const given = texts as Readonly<Record<string, string>>;
  if (field === 'labels') validateLabels(problems, 'metadata.labels', given);
  else validateAnnotations(problems, 'metadata.annotation', given);
  const faults = problems.causes.map((c) => `${c.field}: ${c.message}`);
  return faults.length < 2 ? faults[0] : `[${faults.join(', ')}]`;
}
