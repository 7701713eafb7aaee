import { checkContainerResourceName, checkResourceName, isMore, isOvercommitAllowed } from './resource-names.ts';
import type { Problems } from './problems.ts';
import type { LimitRange, LimitRangeItem } from '#api/generated/core/v1.ts';
import { qualifiedName } from '#api/names.ts';
import { compare, parseQuantity, toNumber } from '#api/quantity.ts';

const TYPES: ReadonlySet<string> = new Set(['Pod', 'Container', 'PersistentVolumeClaim']);
const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
type Amount = string | number;

export function validateLimitRange(problems: Problems, range: LimitRange): void {
  const limits = range.spec?.limits ?? [];
  for (const [i, limit] of limits.entries()) validateLimit(problems, `spec.limits[${i}]`, limit);
  problems.unique((i) => `spec.limits[${i}].type`, limits.map(({ type }) => type));
}

function validateLimit(problems: Problems, path: string, limit: LimitRangeItem): void {
  checkType(problems, `${path}.type`, limit.type ?? '');
  const isPod = limit.type === 'Pod';
  const checkName = isPod || limit.type === 'Container' ? checkContainerResourceName : checkResourceName;
  for (const list of LISTS) {
    const names = Object.keys(limit[list] ?? {});
    if (isPod && (list === 'default' || list === 'defaultRequest')) {
      if (names.length > 0) problems.forbidden(`${path}.${list}`, "may not be specified when `type` is 'Pod'");
    } else for (const name of names) checkName(problems, `${path}.${list}[${name}]`, name);
  }
  if (limit.type === 'PersistentVolumeClaim' && limit.min?.['storage'] === undefined && limit.max?.['storage'] === undefined) {
    problems.required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided');
  }
  const names = new Set(LISTS.flatMap((list) => (isPod && list.startsWith('default') ? [] : Object.keys(limit[list] ?? {}))));
  for (const name of names) compareAmounts(problems, path, name, isPod ? { ...limit, default: undefined, defaultRequest: undefined } : limit);
}

function checkType(problems: Problems, field: string, type: string): void {
  const messages = qualifiedName(type);
  for (const message of messages) problems.invalid(field, type, message);
  if (messages.length === 0 && !type.includes('/') && !TYPES.has(type)) problems.invalid(field, type, 'must be a standard limit type or fully qualified');
}

function compareAmounts(problems: Problems, path: string, name: string, limit: LimitRangeItem): void {
  const [max, min, preset, request, ratio] = LISTS.map((list) => limit[list]?.[name]);
  const refuse = (list: string, value: Amount | undefined, why: string): void => problems.invalid(`${path}.${list}[${name}]`, value, why);
  if (isMore(min, max)) refuse('min', min, `min value ${min} is greater than max value ${max}`);
  if (isMore(min, request)) refuse('defaultRequest', request, `min value ${min} is greater than default request value ${request}`);
  if (isMore(request, max)) refuse('defaultRequest', request, `default request value ${request} is greater than max value ${max}`);
  if (isMore(request, preset)) refuse('defaultRequest', request, `default request value ${request} is greater than default limit value ${preset}`);
  if (isMore(min, preset)) refuse('default', min, `min value ${min} is greater than default value ${preset}`);
  if (isMore(preset, max)) refuse('default', max, `default value ${preset} is greater than max value ${max}`);
  if (ratio !== undefined) checkRatio(refuse, ratio, min, max);
  const differ = preset !== undefined && request !== undefined && compare(parseQuantity(preset), parseQuantity(request)) !== 0;
  if (differ && !isOvercommitAllowed(name)) refuse('defaultRequest', request, `default value ${preset} must equal to defaultRequest value ${request} in ${name}`);
}

function checkRatio(refuse: (list: string, value: Amount, why: string) => void, ratio: Amount, min: Amount | undefined, max: Amount | undefined): void {
  if (isMore('1', ratio)) refuse('maxLimitRequestRatio', ratio, `ratio ${ratio} is less than 1`);
  if (min === undefined || max === undefined) return;
  const most = toNumber(parseQuantity(max)) / toNumber(parseQuantity(min));
  if (toNumber(parseQuantity(ratio)) > most) refuse('maxLimitRequestRatio', ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`);
}
