import type { Problems } from './problems.ts';
import { qualifiedName } from '#api/names.ts';
import { compare, parseQuantity, tryParseQuantity } from '#api/quantity.ts';

/** Names without a domain that Kubernetes knows at all. */
const STANDARD: ReadonlySet<string> = new Set([
  'cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage',
  'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'storage', 'requests.storage', 'services.nodeports', 'services.loadbalancers',
]);
/** Those that a quota may limit. */
const QUOTA: ReadonlySet<string> = new Set([...STANDARD].filter((name) => name !== 'storage'));
const INTEGER: ReadonlySet<string> = new Set(['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers']);
const CONTAINER: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Huge pages are the other. */
const POD_LEVEL: readonly string[] = ['cpu', 'hugepages-', 'memory'];
const HUGE_PAGES = 'hugepages-';

/** Native resources have no domain, or Kubernetes' own. */
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
const isHugePages = (name: string): boolean => name.startsWith(HUGE_PAGES);
export const isStandardQuotaName = (name: string): boolean => QUOTA.has(name) || isHugePages(name) || name.startsWith(`requests.${HUGE_PAGES}`);
/** Extended resources are never promised twice. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);

/** False when the name is no name of a resource at all. */
function checkName(problems: Problems, field: string, name: string): boolean {
  const messages = qualifiedName(name);
  for (const message of messages) problems.invalid(field, name, message);
  if (messages.length > 0) return false;
  if (name.includes('/') || STANDARD.has(name) || isHugePages(name) || name.startsWith(`requests.${HUGE_PAGES}`)) return true;
  problems.invalid(field, name, 'must be a standard resource type or fully qualified');
  return false;
}

export function checkQuotaName(problems: Problems, field: string, name: string): void {
  checkName(problems, field, name);
  if (!name.includes('/') && !isStandardQuotaName(name)) problems.invalid(field, name, 'must be a standard resource for quota');
}

export function checkResourceName(problems: Problems, field: string, name: string): void {
  checkName(problems, field, name);
}

/** `example.com/gpu`: a resource that Kubernetes itself does not know. */
export const isExtendedResource = (name: string): boolean => !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;

export function checkContainerResourceName(problems: Problems, field: string, name: string): void {
  checkName(problems, field, name);
  if (!name.includes('/') && !CONTAINER.has(name) && !isHugePages(name)) problems.invalid(field, name, 'must be a standard resource for containers');
  else if (!isNative(name) && !isExtendedResource(name)) problems.invalid(field, name, "doesn't follow extended resource name standard");
}

/** What a pod may ask for as a whole. */
export function checkPodResourceName(problems: Problems, field: string, name: string): void {
  if (checkName(problems, field, name) && !POD_LEVEL.includes(name) && !isHugePages(name)) problems.notSupported(field, name, POD_LEVEL);
}

/** Not negative, and whole for what is counted in pieces. */
export function checkAmount(problems: Problems, field: string, name: string, text: string | number): void {
  const amount = parseQuantity(text);
  if (amount.nanos < 0n) problems.invalid(field, text, 'must be greater than or equal to 0');
  const isInteger = INTEGER.has(name) || isExtendedResource(name);
  if (isInteger && amount.nanos % 1_000_000_000n !== 0n) problems.invalid(field, text, 'must be an integer');
}

/** Whether both are there and the first is more. */
export function isMore(a: string | number | undefined, b: string | number | undefined): boolean {
  const [x, y] = [a, b].map((text) => (text === undefined ? undefined : tryParseQuantity(text)));
  return x !== undefined && y !== undefined && compare(x, y) > 0;
}
