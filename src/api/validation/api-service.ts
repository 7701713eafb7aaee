import type { Problems } from './problems.ts';
import type { APIService } from '#api/generated/apiregistration/v1.ts';
import { dns1035Label, dns1123Subdomain, pathSegmentName } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';

const MAX_GROUP_PRIORITY = 20_000;
const MAX_VERSION_PRIORITY = 1_000;
const STATUSES = ['True', 'False', 'Unknown'];

/** Which group version is whose: the name says it too, so that there is one for each. */
export function validateApiService(problems: Problems, service: APIService & KubeObject): void {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = service.spec;
  const wanted = `${version}.${group}`;
  // A name that is to be generated is held to the same.
  for (const field of ['generateName', 'name'] as const) {
    const name = service.metadata[field] ?? '';
    if (name !== '' && name !== wanted && pathSegmentName(name).length === 0) problems.invalid(`metadata.${field}`, name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`);
  }
  if (group === '' && version !== 'v1') problems.required('spec.group', 'only v1 may have an empty group and it better be legacy kube');
  if (group !== '') problems.check('spec.group', group, dns1123Subdomain);
  problems.check('spec.version', version, dns1035Label);
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > MAX_GROUP_PRIORITY) problems.invalid('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000');
  if (versionPriority <= 0 || versionPriority > MAX_VERSION_PRIORITY) problems.invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000');
  validateTarget(problems, service.spec);
}

export function validateApiServiceStatus(problems: Problems, { status }: APIService & KubeObject): void {
  for (const [i, condition] of (status?.conditions ?? []).entries()) if (!STATUSES.includes(condition.status)) problems.notSupported(`status.conditions[${i}].status`, condition.status, STATUSES);
}

function validateTarget(problems: Problems, { service, caBundle = '', insecureSkipTLSVerify = false }: APIService['spec']): void {
  if (!service) {
    if (caBundle !== '') problems.invalid('spec.caBundle', `${Buffer.from(caBundle, 'base64').length} bytes`, 'local APIServices may not have a caBundle');
    if (insecureSkipTLSVerify) problems.invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify');
    return;
  }
  if (!service.namespace) problems.required('spec.service.namespace');
  if (!service.name) problems.required('spec.service.name');
  if (insecureSkipTLSVerify && caBundle !== '') problems.invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present');
}
