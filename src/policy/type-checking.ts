import type { ExpressionWarning, NamedRuleWithOperations, ParamKind, ValidatingAdmissionPolicy } from '#api/generated/admissionregistration/v1.ts';
import type { Type } from './cel/types.ts';
import type { CelCompiler } from './cel.ts';
import { CompiledValidatingPolicy } from './validating-policy.ts';

/** A kind that a policy may be about, with what is known of its objects. */
export interface CheckedKind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  /** Undefined when nothing is known. */
  readonly type: Type | undefined;
}

/** The kinds that are served. */
export interface KindSource {
  kinds(): readonly CheckedKind[];
  ofParam(kind: ParamKind): Type | undefined;
}

/** A policy about more kinds is checked against these many. */
const MAX_KINDS = 10;

/** What does not fit when the objects have the types of the kinds that the rules name one by one; for `status.typeChecking`. */
export function typeWarnings(policy: ValidatingAdmissionPolicy, compiler: CelCompiler, source: KindSource): readonly ExpressionWarning[] {
  const rules = policy.spec.matchConstraints?.resourceRules ?? [];
  const kinds = source.kinds().filter((kind) => kind.type && rules.some((rule) => names(rule, kind))).slice(0, MAX_KINDS);
  const params = policy.spec.paramKind && source.ofParam(policy.spec.paramKind);
  const texts = new Map<string, string>();
  for (const { group, version, kind, type } of kinds) {
    const types = new Map([['object', type as Type], ['oldObject', type as Type], ...(params ? [['params', params] as const] : [])]);
    for (const { data, message } of new CompiledValidatingPolicy(policy, compiler, types).problems) {
      const path = data.path ?? '';
      texts.set(path, `${texts.get(path) ?? ''}${group === '' ? version : `${group}/${version}`}, Kind=${kind}: ${message.replace(/^compilation failed: /, '')}\n`);
    }
  }
  return [...texts].map(([fieldRef, warning]) => ({ fieldRef, warning }));
}

/** Wildcards could mean any kind, and name none. */
function names(rule: NamedRuleWithOperations, { group, version, plural }: CheckedKind): boolean {
  return (rule.apiGroups ?? []).includes(group) && (rule.apiVersions ?? []).includes(version) && (rule.resources ?? []).includes(plural);
}
