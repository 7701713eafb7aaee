import type { PolicyRule } from '#api/generated/rbac/v1.ts';
import type { Attributes } from './authorizer.ts';

const has = (list: readonly string[] | undefined, value: string): boolean => list !== undefined && (list.includes(value) || list.includes('*'));

export function ruleAllows(rule: PolicyRule, a: Attributes): boolean {
  if (!has(rule.verbs, a.verb)) return false;
  if (!a.isResource) return (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, a.path));
  return has(rule.apiGroups, a.group) && resourceMatches(rule.resources ?? [], a.resource, a.subresource) && nameMatches(rule.resourceNames, a.name);
}

function resourceMatches(patterns: readonly string[], resource: string, subresource: string): boolean {
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  return patterns.some((p) => p === '*' || p === full || (subresource !== '' && p === `*/${subresource}`));
}

const nameMatches = (names: readonly string[] | undefined, name: string): boolean => names === undefined || names.length === 0 || names.includes(name);
const pathMatches = (pattern: string, path: string): boolean => pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));

/** Whether `owned` together allow everything that `wanted` does: nobody gives away more than they have. */
export function covers(owned: readonly PolicyRule[], wanted: PolicyRule): boolean {
  return breakDown(wanted).every((part) => owned.some((rule) => ruleCovers(rule, part)));
}

/** What of `wanted` the rules `owned` do not allow, in one rule for each resource and name. */
export function missingRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  const missing = wanted.flatMap(breakDown).filter((piece) => !owned.some((rule) => ruleCovers(rule, piece)));
  const byTarget = Map.groupBy(missing, ({ verb, ...target }) => JSON.stringify(target.path === undefined ? target : { verb, ...target }));
  return [...byTarget.values()].map(ruleOf);
}

function ruleOf(pieces: readonly Piece[]): PolicyRule {
  const [{ group, resource, name, path } = {}] = pieces;
  const verbs = pieces.map(({ verb }) => verb);
  if (path !== undefined) return { verbs, nonResourceURLs: [path] };
  return { verbs, apiGroups: [group ?? ''], resources: [resource ?? ''], ...(name === undefined ? {} : { resourceNames: [name] }) };
}

/** One verb, group, resource, name or path a piece. */
interface Piece {
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly name?: string;
  readonly path?: string;
}

function breakDown(rule: PolicyRule): readonly Piece[] {
  return rule.verbs.flatMap((verb) => [
    ...(rule.nonResourceURLs ?? []).map((path): Piece => ({ verb, path })),
    ...(rule.apiGroups ?? []).flatMap((group) => (rule.resources ?? []).flatMap((resource): Piece[] => {
      const names = rule.resourceNames ?? [];
      return names.length === 0 ? [{ verb, group, resource }] : names.map((name) => ({ verb, group, resource, name }));
    })),
  ]);
}

function ruleCovers(rule: PolicyRule, piece: Piece): boolean {
  if (!has(rule.verbs, piece.verb)) return false;
  if (piece.path !== undefined) return (rule.nonResourceURLs ?? []).some((p) => pathMatches(p, piece.path ?? ''));
  const names = rule.resourceNames ?? [];
  const hasName = names.length === 0 || (piece.name !== undefined && names.includes(piece.name));
  return hasName && has(rule.apiGroups, piece.group ?? '') && coversResource(rule.resources ?? [], piece.resource ?? '');
}

function coversResource(patterns: readonly string[], resource: string): boolean {
  const subresource = resource.split('/')[1];
  return patterns.some((p) => p === '*' || p === resource || (subresource !== undefined && p === `*/${subresource}`));
}
