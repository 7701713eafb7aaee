import type { Application } from '#api/headway/v1/types.ts';

/** A commit under a spec: what a sync tries, applies, or is refused. */
export const attemptOf = ({ revision }: { readonly revision: string }, { metadata }: Application): string => `${revision} ${metadata.generation}`;
