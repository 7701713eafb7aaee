import type { ApplicationSet } from '#api/headway/v1/types.ts';
import { GeneratorError } from '../generators/errors.ts';
import { generate, type GeneratorSources } from '../generators/generate.ts';
import { planSet } from '../generators/set-plan.ts';
import type { TreeReader } from '../generators/tree-paths.ts';
import type { ExpandSet } from './survey.ts';

/** Makes the Applications of a set from Git alone: what generators ask of a cluster or a provider is a problem. */
export const expandFromGit = (reader: TreeReader): ExpandSet => async (set, { revision, problemOf }) => {
  const sources: GeneratorSources = {
    tree(repository) {
      const why = problemOf(repository);
      if (why !== undefined) throw new GeneratorError('SourceNotReady', `Repository ${repository} is not read: ${why}`);
      return { reader, revision };
    },
    clusters: () => { throw new GeneratorError('SourceNotReady', 'only a cluster knows of clusters'); },
    pullRequests: () => Promise.reject(new GeneratorError('SourceNotReady', 'only the Git provider knows of pull requests')),
  };
  try {
    return applicationsOf(set, await generate(set.spec.generators, sources));
  } catch (error) {
    if (!(error instanceof GeneratorError)) throw error;
    return { applications: [], problems: [error.message] };
  }
};

function applicationsOf(set: ApplicationSet, parameters: Awaited<ReturnType<typeof generate>>): Awaited<ReturnType<ExpandSet>> {
  const { apply, errors } = planSet({ set, parameters, present: [] });
  return { applications: apply, problems: errors };
}
