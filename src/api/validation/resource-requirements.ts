import type { Problems } from './problems.ts';
import { checkAmount, checkContainerResourceName, checkPodResourceName, isOvercommitAllowed } from './resource-names.ts';
import type { ResourceRequirements } from '#api/generated/core/v1.ts';
import { dns1123Label } from '#api/names.ts';
import { compare, parseQuantity, tryParseQuantity, units } from '#api/quantity.ts';

const HUGE_PAGES = 'hugepages-';
const UNIT = 1_000_000_000n;
type NameRule = (problems: Problems, field: string, name: string) => void;

/** `claims` are the names of the pod's resource claims. */
export const validateContainerResources = (problems: Problems, field: string, resources: ResourceRequirements | undefined, claims: ReadonlySet<string> = new Set()): void => {
  if (resources === undefined) return;
  validateRequirements(problems, field, resources, checkContainerResourceName);
  validateClaims(problems, `${field}.claims`, resources.claims ?? [], claims);
};

/** Of the pod as a whole. */
export function validatePodResources(problems: Problems, field: string, resources: ResourceRequirements, claims: ReadonlySet<string>): void {
  if (resources.claims !== undefined) problems.forbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level');
  validateRequirements(problems, field, resources, checkPodResourceName);
  validateClaims(problems, `${field}.claims`, resources.claims ?? [], claims);
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
  const isWhole = size !== undefined && size.nanos > 0n && size.nanos % UNIT === 0n && units(parseQuantity(amount)) % units(size) === 0;
  if (!isWhole) problems.invalid(field, amount, `${amount} is not positive integer multiple of ${name}`);
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
    if (seen.has(name)) problems.duplicate(`${field}[${i}]`, name);
    else seen.add(checkRequest(problems, `${field}[${i}]`, name, request, seen));
    if (!known.has(name)) problems.notFound(`${field}[${i}]`, name, `must be one of the names in pod.spec.resourceClaims${known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`}`);
  }
}

/** What the entry takes: of one claim, the whole or one request of it, none twice. */
function checkRequest(problems: Problems, field: string, name: string, request: string, seen: ReadonlySet<string>): string {
  if (request === '') {
    for (const other of seen) if (other.startsWith(`${name}/`)) problems.duplicate(field, name);
    return name;
  }
  problems.check(`${field}.request`, request, dns1123Label);
  if (seen.has(`${name}/${request}`)) problems.duplicate(field, `${name}/${request}`);
  return `${name}/${request}`;
}
