import type { RenderSpec, RenderType } from '#api/headway/v1/types.ts';
import type { TreeEntry } from '../source/git-repository.ts';
import { KUSTOMIZATION_NAMES } from './kustomize/kustomization.ts';

/** How a folder is rendered: as the spec says, else by what it holds. A kustomization counts before a chart, as it may wrap one. */
export function detectType(entries: readonly TreeEntry[], { type, helm, kustomize }: RenderSpec): RenderType {
  if (type !== undefined) return type;
  if (helm) return 'Helm';
  if (kustomize) return 'Kustomize';
  const names = new Set(entries.flatMap(({ name, kind }) => (kind === 'file' || kind === 'link' ? [name] : [])));
  if (KUSTOMIZATION_NAMES.some((name) => names.has(name))) return 'Kustomize';
  return names.has('Chart.yaml') ? 'Helm' : 'Plain';
}
