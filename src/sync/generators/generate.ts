import type { Secret } from '#api/generated/core/v1.ts';
import type { ClusterGenerator, DirectoryGenerator, Generator, PullRequestGenerator } from '#api/headway/v1/types.ts';
import { GeneratorError } from './errors.ts';
import { fileParameters } from './file-parameters.ts';
import { flatten, joinParameters, type Parameters, pathParameters } from './parameters.ts';
import { type PullRequest, pullRequestParameters } from './pull-requests/pull-request.ts';
import { substitute, unknownMessage } from './substitute.ts';
import { findPaths, type FoundPath, type TreeReader } from './tree-paths.ts';

/** Where generators look. Each throws GeneratorError when it cannot tell. */
export interface GeneratorSources {
  /** The newest tracked commit of a Repository. */
  tree(repository: string): { readonly reader: TreeReader; readonly revision: string };
  clusters(generator: ClusterGenerator): readonly Secret[];
  pullRequests(generator: PullRequestGenerator): Promise<readonly PullRequest[]>;
}

/** What all generators give, one after the other. @throws GeneratorError */
export async function generate(generators: readonly Generator[], sources: GeneratorSources): Promise<readonly Parameters[]> {
  const given = await Promise.all(generators.map((generator) => generateOne(generator, sources)));
  return given.flat();
}

async function generateOne(generator: Generator, sources: GeneratorSources): Promise<readonly Parameters[]> {
  if (generator.list) return generator.list.elements.map(flatten);
  if (generator.directories) return (await found(generator.directories, 'folder', sources)).map(({ path }) => pathParameters(path));
  if (generator.files) {
    const { reader } = sources.tree(generator.files.repository);
    return (await Promise.all((await found(generator.files, 'file', sources)).map((file) => fileParameters(file, reader)))).flat();
  }
  if (generator.clusters) return sources.clusters(generator.clusters).map(clusterParameters);
  if (generator.pullRequests) return (await sources.pullRequests(generator.pullRequests)).map(pullRequestParameters);
  return generator.matrix ? crossed(generator.matrix.generators, sources) : [];
}

async function found({ repository, paths }: DirectoryGenerator, kind: 'file' | 'folder', sources: GeneratorSources): Promise<readonly FoundPath[]> {
  const { reader, revision } = sources.tree(repository);
  return findPaths({ reader, root: (await reader.commit(revision)).tree, kind, patterns: paths });
}

function clusterParameters({ metadata, data = {} }: Secret): Parameters {
  const decoded = (key: string): string | undefined => (data[key] === undefined ? undefined : Buffer.from(data[key], 'base64').toString('utf8'));
  return {
    name: decoded('name') ?? metadata.name ?? '', server: decoded('server') ?? '',
    ...Object.fromEntries(Object.entries(metadata.labels ?? {}).map(([key, value]) => [`metadata.labels.${key}`, value])),
  };
}

/** The second generator may name parameters of the first, and is then asked anew for each of its sets. */
async function crossed([first, second]: readonly Generator[], sources: GeneratorSources): Promise<readonly Parameters[]> {
  if (!first || !second) return [];
  const rows = await generateOne(first, sources);
  const asked = new Map<string, Promise<readonly Parameters[]>>();
  const results = await Promise.all(rows.map(async (row) => {
    const { value, unknown: [missing] } = substitute(second, row);
    if (missing) throw new GeneratorError('UnknownParameter', `the second generator of a matrix: ${unknownMessage(missing, row)}`);
    const id = JSON.stringify(value);
    const columns = asked.get(id) ?? generateOne(value, sources);
    asked.set(id, columns);
    return (await columns).map((column) => joinParameters(row, column));
  }));
  return results.flat();
}
