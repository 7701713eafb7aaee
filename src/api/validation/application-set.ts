import { checkDuration } from './duration.ts';
import { isOutside } from './paths.ts';
import type { Problems } from './problems.ts';
import type { ApplicationSet, Generator, PullRequestGenerator } from '#api/headway/v1/types.ts';
import { dns1123Subdomain } from '#api/names.ts';

const KINDS = ['list', 'directories', 'files', 'clusters', 'pullRequests', 'matrix'] as const;
const MATRIX_SIZE = 2;

export function validateApplicationSet(problems: Problems, { spec }: ApplicationSet): void {
  const { generators = [], template, deletion } = spec ?? {};
  if (generators.length === 0) problems.required('spec.generators', 'at least one generator');
  for (const [i, generator] of generators.entries()) checkGenerator(problems, `spec.generators[${i}]`, generator);
  if (!template?.metadata?.name) problems.required('spec.template.metadata.name');
  if (!template?.spec?.repository) problems.required('spec.template.spec.repository');
  problems.optionalOneOf('spec.deletion.mode', deletion?.mode, ['Delete', 'Orphan']);
  problems.atLeast('spec.deletion.limit', deletion?.limit, 0);
}

function checkGenerator(problems: Problems, field: string, generator: Generator): void {
  const given = KINDS.filter((kind) => generator[kind] !== undefined);
  if (given.length === 0) problems.required(field, `one of ${KINDS.join(', ')}`);
  for (const kind of given.slice(1)) problems.forbidden(`${field}.${kind}`, `may not be specified together with \`${given[0]}\``);
  for (const kind of ['directories', 'files'] as const) if (generator[kind]) checkPaths(problems, `${field}.${kind}`, generator[kind]);
  if (generator.pullRequests) checkPullRequests(problems, `${field}.pullRequests`, generator.pullRequests);
  if (generator.matrix) checkMatrix(problems, `${field}.matrix.generators`, generator.matrix.generators ?? []);
}

function checkPaths(problems: Problems, field: string, { repository, paths = [] }: NonNullable<Generator['directories']>): void {
  problems.checkRequired(`${field}.repository`, repository, dns1123Subdomain);
  if (!paths.some((path) => !path.startsWith('!'))) problems.required(`${field}.paths`, 'at least one pattern that does not exclude');
  for (const [i, path] of paths.entries()) {
    if (isOutside(path.replace(/^!/, ''))) problems.invalid(`${field}.paths[${i}]`, path, "must be a pattern inside the repository, without a leading slash or '..'");
  }
}

function checkPullRequests(problems: Problems, field: string, { provider, repository, apiURL, secretRef, pollInterval }: PullRequestGenerator): void {
  problems.oneOf(`${field}.provider`, provider, ['GitHub', 'GitLab', 'Gitea']);
  if (!repository) problems.required(`${field}.repository`);
  else if (!/^[^/\s]+(?:\/[^/\s]+)+$/.test(repository) || (provider !== 'GitLab' && repository.split('/').length > 2)) problems.invalid(`${field}.repository`, repository, 'must be <owner>/<name>; of GitLab, the path of a project');
  if (apiURL && !/^https?:\/\/\S+$/.test(apiURL)) problems.invalid(`${field}.apiURL`, apiURL, 'must be an http:// or https:// address');
  // Only the public services have an address that is known.
  if (!apiURL && provider === 'Gitea') problems.required(`${field}.apiURL`, 'there is no public Gitea');
  if (secretRef) problems.checkRequired(`${field}.secretRef.name`, secretRef.name, dns1123Subdomain);
  checkDuration(problems, `${field}.pollInterval`, pollInterval);
}

function checkMatrix(problems: Problems, field: string, generators: readonly Generator[]): void {
  if (generators.length !== MATRIX_SIZE) problems.invalidOmitted(field, 'must be two generators');
  for (const [i, generator] of generators.entries()) {
    if (generator.matrix) problems.forbidden(`${field}[${i}].matrix`, 'a matrix may not hold another');
    else checkGenerator(problems, `${field}[${i}]`, generator);
  }
}
