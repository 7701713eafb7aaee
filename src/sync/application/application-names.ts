import type { Application } from '#api/headway/v1/types.ts';

/** `<namespace>.<name>`: the label on all that the application applies. */
export const labelOf = ({ metadata }: Pick<Application, 'metadata'>): string => `${metadata.namespace}.${metadata.name}`;

/** Its folder without empty parts and dots; empty is the root of the repository. */
export const applicationFolder = ({ spec }: Application): string => (spec.path ?? '').split('/').filter((part) => part !== '' && part !== '.').join('/');
