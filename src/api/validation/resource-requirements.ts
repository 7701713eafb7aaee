import type { Problems } from './problems.ts';
import { checkAmount, checkContainerResourceName, checkPodResourceName, isOvercommitAllowed } from './resource-names.ts';
import type { ResourceRequirements } from '#api/generated/core/v1.ts';
import { dns1123Label } from '#api/names.ts';
import { compare, parseQuantity, tryParseQuantity } from '#api/quantity.ts';

const HUGE_PAGES = 'hugepages-';
type NameRule = (problems: Problems, field: string, name: string) => void;

/** `claims` are the names of the pod's resource claims. */
export const validateContainerResources = (problems: Problems, field: string, resources: ResourceRequirements | undefined, claims?: ReadonlySet<string>): void => {
  if (resources === undefined) return;
  validateRequirements(problems, field, resources, checkContainerResourceName);
  if (resources.claims !== undefined) validateClaims(problems, `${field}.claims`, resources.claims, claims ?? new Set());
};

/** Of the pod as a whole. */
export function validatePodResources(problems: Problems, field: string, resources: ResourceRequirements): void {
  if (resources.claims !== undefined) problems.forbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level');
  validateRequirements(problems, field, resources, checkPodResourceName);
}

function validateRequirements(problems: Problems, field: string, { limits = {}, requests = {} }: ResourceRequirements, checkName: NameRule): void {
  for (const name in limits) checkEntry(problems, `${field}.limits[${name}]`, { name, amount: String(limits[name]), checkName });
  for (const name in requests) {
    checkEntry(problems, `${field}.requests[${name}]`, { name, amount: String(requests[name]), checkName });
    compareWithLimit(problems, field, name, String(requests[name]), limits[name]);
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some((name) => name.startsWith(HUGE_PAGES)) && !names.includes('cpu') && !names.includes('memory')) problems.forbidden(field, 'HugePages require cpu or memory');
}

function checkEntry(problems: Problems, field: string, { name, amount, checkName }: { readonly name: string; readonly amount: string; readonly checkName: NameRule }): void {
  checkName(problems, field, name);
  checkAmount(problems, field, name, amount);
  if (!name.startsWith(HUGE_PAGES)) return;
  const size = tryParseQuantity(name.slice(HUGE_PAGES.length));
  if (size === undefined || size.nanos <= 0n || parseQuantity(amount).nanos % size.nanos !== 0n) problems.invalid(field, amount, `${amount} is not positive integer multiple of ${name}`);
}

function compareWithLimit(problems: Problems, field: string, name: string, request: string, limit: string | number | undefined): void {
  const mayDiffer = isOvercommitAllowed(name);
  if (limit === undefined) {
    if (!mayDiffer) problems.required(`${field}.limits`, 'Limit must be set for non overcommitable resources');
    return;
  }
  const order = compare(parseQuantity(request), parseQuantity(limit));
  if (order !== 0 && !mayDiffer) problems.invalid(`${field}.requests`, request, `must be equal to ${name} limit of ${limit}`);
  else if (order > 0) problems.invalid(`${field}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`);
}

function validateClaims(problems: Problems, field: string, claims: NonNullable<ResourceRequirements['claims']>, known: ReadonlySet<string>): void {
  const seen = new Set<string>();
  for (const [i, { name, request = '' }] of claims.entries()) {
    if (!name) {
      problems.required(`${field}[${i}]`);
      continue;
    }
    if (request !== '') problems.check(`${field}[${i}].request`, request, dns1123Label);
    const key = request === '' ? name : `${name}/${request}`;
    if (seen.has(name)) problems.duplicate(`${field}[${i}]`, name);
    else if (seen.has(key)) problems.duplicate(`${field}[${i}]`, key);
    else if (request === '' && [...seen].some((other) => other.startsWith(`${name}/`))) problems.duplicate(`${field}[${i}]`, name);
    seen.add(key);
    if (!known.has(name)) problems.notFound(`${field}[${i}]`, name, `must be one of the names in pod.spec.resourceClaims${known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`}`);
  }
}
