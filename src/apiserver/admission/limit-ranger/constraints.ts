import type { LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '#api/generated/core/v1.ts';
import { type Quantity, compare, formatQuantity, parseQuantity, toNumber } from '#api/quantity.ts';
import { type Amounts, parseAmounts } from '#api/quota/amounts.ts';
import { podAmounts } from '#api/quota/pod-amounts.ts';

interface Asked { readonly requests: Amounts; readonly limits: Amounts }
type Rule = (type: string, name: string, bound: Quantity, asked: Asked) => string | undefined;

/** What the range forbids of a pod, as Kubernetes words it. */
export function podProblems(pod: Pod, range: LimitRange): readonly string[] {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return (range.spec?.limits ?? []).flatMap((limit) => {
    if (limit.type === 'Container') return containers.flatMap(({ resources }) => check(limit, { requests: parseAmounts(resources?.requests), limits: parseAmounts(resources?.limits) }, atMost));
    return limit.type === 'Pod' ? check(limit, { requests: podAmounts(pod, 'requests'), limits: podAmounts(pod, 'limits') }, atMost) : [];
  });
}

/** The same of a claim: it has requests only. */
export function claimProblems({ spec }: PersistentVolumeClaim, range: LimitRange): readonly string[] {
  const asked: Asked = { requests: parseAmounts(spec?.resources?.requests), limits: {} };
  return (range.spec?.limits ?? []).flatMap((limit) => (limit.type === 'PersistentVolumeClaim' ? check({ ...limit, maxLimitRequestRatio: undefined }, asked, requestAtMost) : []));
}

function check(limit: LimitRangeItem, asked: Asked, max: Rule): readonly string[] {
  const apply = (list: LimitRangeItem['min'], rule: Rule): readonly string[] =>
    Object.keys(list ?? {}).toSorted().flatMap((name) => rule(limit.type, name, parseQuantity(list?.[name] ?? 0), asked) ?? []);
  return [...apply(limit.min, atLeast), ...apply(limit.max, max), ...apply(limit.maxLimitRequestRatio, ratioAtMost)];
}

const atLeast: Rule = (type, name, bound, { requests, limits }) => {
  const text = `minimum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests[name], limits[name]];
  if (request === undefined) return `${text}.  No request is specified`;
  if (compare(request, bound) < 0) return `${text}, but request is ${formatQuantity(request)}`;
  return limit && compare(limit, bound) < 0 ? `${text}, but limit is ${formatQuantity(limit)}` : undefined;
};

const requestAtMost: Rule = (type, name, bound, { requests }) => {
  const text = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const request = requests[name];
  if (request === undefined) return `${text}.  No request is specified`;
  return compare(request, bound) > 0 ? `${text}, but request is ${formatQuantity(request)}` : undefined;
};

const atMost: Rule = (type, name, bound, { requests, limits }) => {
  const text = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests[name], limits[name]];
  if (limit === undefined) return `${text}.  No limit is specified`;
  if (compare(limit, bound) > 0) return `${text}, but limit is ${formatQuantity(limit)}`;
  return request && compare(request, bound) > 0 ? `${text}, but request is ${formatQuantity(request)}` : undefined;
};

const ratioAtMost: Rule = (type, name, bound, { requests, limits }) => {
  const text = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests[name], limits[name]];
  if (request === undefined || request.nanos === 0n) return `${text}, but no request is specified or request is 0`;
  if (limit === undefined || limit.nanos === 0n) return `${text}, but no limit is specified or limit is 0`;
  const ratio = toNumber(limit) / toNumber(request);
  return ratio > toNumber(bound) ? `${text}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
};
