import type { Application } from '#api/headway/v1/types.ts';

/** `<namespace>.<name>`: the label on all that the application applies. */
export const labelOf = ({ metadata }: Pick<Application, 'metadata'>): string => `${metadata.namespace}.${metadata.name}`;

/** Its folders without empty parts and dots; the empty one is the root of the repository. */
export function applicationFolders({ spec }: Application): readonly string[] {
  const paths = spec.paths && spec.paths.length > 0 ? spec.paths : [spec.path ?? ''];
  return [...new Set(paths.map((path) => path.split('/').filter((part) => part !== '' && part !== '.').join('/')))];
}
