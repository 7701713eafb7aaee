import { isOutside } from './paths.ts';
import type { Problems } from './problems.ts';
import { validateSyncPolicy } from './sync-policy.ts';
import type { Application, ApplicationSpec, Dependency, HealthOverride, HelmSpec, IgnoreRule, RenderSpec } from '#api/headway/v1/types.ts';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';

const COMMIT = /^[0-9a-f]{40}$/;
const VARIABLE = /^[A-Za-z_]\w*$/;
/** RFC 6901; the empty one would ignore the whole object. */
const POINTER = /^\/(?:[^~]|~[01])*$/s;
/** `<namespace>.<name>` is the value of a label on all that is applied. */
const MAX_LABEL = 63;

export function validateApplication(problems: Problems, { metadata, spec }: Application): void {
  problems.checkRequired('spec.repository', spec?.repository, dns1123Subdomain);
  checkPaths(problems, spec);
  if (spec?.project) problems.check('spec.project', spec.project, dns1123Subdomain);
  if (spec?.destinationNamespace) problems.check('spec.destinationNamespace', spec.destinationNamespace, dns1123Label);
  if (spec?.pinnedRevision && !COMMIT.test(spec.pinnedRevision)) problems.invalid('spec.pinnedRevision', spec.pinnedRevision, 'must be a full commit id, 40 hexadecimal digits');
  if (spec?.syncPolicy) validateSyncPolicy(problems, 'spec.syncPolicy', spec.syncPolicy);
  if (spec?.render) checkRender(problems, spec.render);
  if (spec?.decryption) problems.checkRequired('spec.decryption.secretRef.name', spec.decryption.secretRef?.name, dns1123Subdomain);
  for (const [i, rule] of (spec?.ignoreDifferences ?? []).entries()) checkIgnoreRule(problems, `spec.ignoreDifferences[${i}]`, rule);
  for (const [i, dependency] of (spec?.dependsOn ?? []).entries()) checkDependency(problems, `spec.dependsOn[${i}]`, dependency, metadata);
  for (const [i, override] of (spec?.health ?? []).entries()) checkHealth(problems, `spec.health[${i}]`, override);
}

export function validateApplicationCreate(problems: Problems, { metadata }: Application): void {
  const label = `${metadata.namespace}.${metadata.name}`;
  if (label.length > MAX_LABEL) problems.invalid('metadata.name', metadata.name, `must have at most ${MAX_LABEL} characters together with the namespace and a dot`);
}

function checkPaths(problems: Problems, { path, paths }: Pick<ApplicationSpec, 'path' | 'paths'>): void {
  if (path && paths) problems.forbidden('spec.paths', 'may not be specified together with `path`');
  if (path) checkFolder(problems, 'spec.path', path);
  if (paths?.length === 0) problems.required('spec.paths', 'at least one folder');
  for (const [i, folder] of (paths ?? []).entries()) checkFolder(problems, `spec.paths[${i}]`, folder);
  problems.unique((i) => `spec.paths[${i}]`, (paths ?? []).map((folder) => folder.split('/').filter((part) => part !== '' && part !== '.').join('/') || '.'));
}

function checkFolder(problems: Problems, field: string, path: string): void {
  if (isOutside(path)) problems.invalid(field, path, "must be a folder inside the repository, without a leading slash or '..'");
}

function checkRender(problems: Problems, { type, variables, helm }: RenderSpec): void {
  problems.optionalOneOf('spec.render.type', type, ['Plain', 'Kustomize', 'Helm']);
  for (const [name, value] of Object.entries(variables ?? {})) {
    if (!VARIABLE.test(name)) problems.invalid('spec.render.variables', name, 'must be letters, digits and underscores, and not begin with a digit');
    else if (value.includes('\n')) problems.invalid(`spec.render.variables[${name}]`, value, 'must be of one line');
  }
  if (helm) checkHelm(problems, helm);
}

function checkHelm(problems: Problems, { releaseName, valueFiles = [] }: HelmSpec): void {
  if (releaseName) problems.check('spec.render.helm.releaseName', releaseName, dns1123Subdomain);
  for (const [i, file] of valueFiles.entries()) {
    if (file === '' || file.startsWith('/')) problems.invalid(`spec.render.helm.valueFiles[${i}]`, file, "must be a file, relative to the chart's folder");
  }
}

function checkIgnoreRule(problems: Problems, field: string, { jsonPointers = [], managers = [] }: IgnoreRule): void {
  if (jsonPointers.length === 0 && managers.length === 0) problems.required(field, 'one of `jsonPointers` and `managers`');
  for (const [i, pointer] of jsonPointers.entries()) {
    if (!POINTER.test(pointer)) problems.invalid(`${field}.jsonPointers[${i}]`, pointer, 'must be a JSON pointer such as /spec/replicas, in which ~1 stands for a slash and ~0 for a tilde');
  }
}

function checkDependency(problems: Problems, field: string, { apiVersion, kind, namespace, name }: Dependency, self: Application['metadata']): void {
  if (!apiVersion) problems.required(`${field}.apiVersion`);
  if (!kind) problems.required(`${field}.kind`);
  if (!name) problems.required(`${field}.name`);
  if (namespace) problems.check(`${field}.namespace`, namespace, dns1123Label);
  const isSelf = apiVersion?.startsWith('headway.dev/') && kind === 'Application' && name === self.name && (namespace || self.namespace) === self.namespace;
  if (isSelf) problems.invalid(`${field}.name`, name, 'an application cannot wait for itself');
}

function checkHealth(problems: Problems, field: string, { kind, message: _message, group: _group, ...expressions }: HealthOverride): void {
  if (!kind) problems.required(`${field}.kind`);
  if (Object.values(expressions).every((expression) => !expression)) problems.required(field, 'at least one of `degraded`, `suspended`, `progressing` and `healthy`');
}
