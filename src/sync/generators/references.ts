import type { ApplicationSet, Generator, PullRequestGenerator } from '#api/headway/v1/types.ts';

/** With those inside of a matrix. */
const allOf = (generators: readonly Generator[]): readonly Generator[] => generators.flatMap((generator) => [generator, ...allOf(generator.matrix?.generators ?? [])]);

export const pullRequestGenerators = (generators: readonly Generator[]): readonly PullRequestGenerator[] => allOf(generators).flatMap(({ pullRequests }) => pullRequests ?? []);

/** Whether a new commit of the Repository may change what the set makes. A matrix may compose the name. */
export const readsRepository = ({ spec }: ApplicationSet, name: string): boolean =>
  allOf(spec.generators).some(({ directories, files }) => [directories?.repository, files?.repository].some((repository) => repository === name || repository?.includes('{{')));

/** Whether all that the set makes comes of paths in Git, which may vanish by a mistake; pull requests and clusters come and go. */
export const readsPathsOnly = ({ spec }: ApplicationSet): boolean => {
  const all = allOf(spec.generators);
  return all.some(({ directories, files }) => directories ?? files) && !all.some(({ pullRequests, clusters }) => pullRequests ?? clusters);
};

export const readsClusters = ({ spec }: ApplicationSet): boolean => allOf(spec.generators).some(({ clusters }) => clusters !== undefined);
