import { APPLICATION_LABEL, PATH_ANNOTATION } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';

/** The Application that applies an object, from its label `<namespace>.<name>`: namespaces hold no dot. */
export function applicationOf({ metadata }: Pick<KubeObject, 'metadata'>): { readonly namespace: string; readonly name: string } | undefined {
  const label = metadata.labels?.[APPLICATION_LABEL];
  const dot = label?.indexOf('.') ?? -1;
  return label === undefined || dot < 0 ? undefined : { namespace: label.slice(0, dot), name: label.slice(dot + 1) };
}

/** The file that an applied object comes from. */
export const pathOfLive = ({ metadata }: Pick<KubeObject, 'metadata'>): string | undefined => metadata.annotations?.[PATH_ANNOTATION];
