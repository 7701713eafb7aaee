import type { CustomResourceDefinitionNames, CustomResourceDefinitionStatus } from '#api/generated/apiextensions/v1.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { bundleProblem } from '#api/structural/definition/conversion.ts';
import { approvalOf } from './approval.ts';
import { type Definition, type DefinitionCondition, findCondition, isConditionTrue, withCondition } from './conditions.ts';

/** Names of a group that others hold: resources (plural, singular, short) and kinds (of objects and lists). */
export interface TakenNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

/** What the definitions of the group were granted, itself among them: a name is given once. And what is built in. */
export function takenNames(definition: Definition, all: readonly Definition[], builtIn: readonly ResourceType[]): TakenNames {
  const { group } = definition.spec;
  const granted = all.filter((d) => d.spec.group === group).map((d) => d.status?.acceptedNames).filter((names) => names !== undefined);
  const own = builtIn.filter((r) => r.group === group);
  return {
    resources: new Set([...granted, ...own].flatMap((n) => [n.plural, n.singular ?? '', ...(n.shortNames ?? [])]).filter((name) => name !== '')),
    kinds: new Set([...granted.flatMap((n) => [n.kind, n.listKind ?? '']), ...own.flatMap((r) => [r.kind, `${r.kind}List`])].filter((name) => name !== '')),
  };
}

/** The status with the names that the definition may have, and whether it is in force; the same when nothing changes. */
export function acceptNames(definition: Definition, taken: TakenNames, nowMs: number): CustomResourceDefinitionStatus {
  const status = definition.status ?? {};
  const { names, problem } = grantNames(definition.spec.names, status.acceptedNames, taken);
  const accepted: DefinitionCondition = problem ?? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  const established = establishedAs(definition, accepted.status === 'True');
  const granted = withCondition(withCondition(status.conditions ?? [], accepted, nowMs), established, nowMs);
  const approval = approvalOf(definition);
  const conditions = approval === undefined ? granted : withCondition(granted, approval, nowMs);
  return { ...status, conditions, acceptedNames: names };
}

/** Once established, always established. A webhook that nobody could call keeps a definition from it. */
function establishedAs(definition: Definition, isAccepted: boolean): DefinitionCondition {
  if (isAccepted && !isConditionTrue(definition, 'Established') && bundleProblem(definition.spec.conversion) !== undefined) {
    return { type: 'Established', status: 'False', reason: 'InvalidCABundle', message: 'The conversion webhook CABundle is invalid' };
  }
  if (isAccepted || isConditionTrue(definition, 'Established')) {
    const { reason = 'InitialNamesAccepted', message = 'the initial names have been accepted' } = isConditionTrue(definition, 'Established') ? (findCondition(definition, 'Established') ?? {}) : {};
    return { type: 'Established', status: 'True', reason, message };
  }
  return { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
}

interface Grant {
  readonly names: CustomResourceDefinitionNames;
  /** The last of the conflicts. */
  readonly problem: DefinitionCondition | undefined;
}

function grantNames(wanted: CustomResourceDefinitionNames, granted: CustomResourceDefinitionNames | undefined, { resources, kinds }: TakenNames): Grant {
  const names: { -readonly [K in keyof CustomResourceDefinitionNames]: CustomResourceDefinitionNames[K] } = { ...granted, plural: granted?.plural ?? '', kind: granted?.kind ?? '' };
  let problem: DefinitionCondition | undefined;
  const refuse = (reason: string, ...clashing: readonly string[]): void => {
    const messages = [...new Set(clashing)].map((name) => `${JSON.stringify(name)} is already in use`);
    problem = { type: 'NamesAccepted', status: 'False', reason, message: messages.length === 1 ? messages.join('') : `[${messages.join(', ')}]` };
  };
  const one = (key: 'plural' | 'singular' | 'kind' | 'listKind', taken: ReadonlySet<string>, reason: string): void => {
    const name = wanted[key] ?? '';
    if (name !== (granted?.[key] ?? '') && taken.has(name)) refuse(reason, name);
    else if (name !== '') names[key] = name;
  };
  one('plural', resources, 'PluralConflict');
  one('singular', resources, 'SingularConflict');
  const clashing = (wanted.shortNames ?? []).filter((name) => !granted?.shortNames?.includes(name) && resources.has(name));
  if (clashing.length > 0) refuse('ShortNamesConflict', ...clashing);
  else setOrDelete(names, 'shortNames', wanted.shortNames);
  one('kind', kinds, 'KindConflict');
  one('listKind', kinds, 'ListKindConflict');
  setOrDelete(names, 'categories', wanted.categories);
  return { names, problem };
}

function setOrDelete<K extends 'shortNames' | 'categories'>(names: Partial<Record<K, readonly string[] | undefined>>, key: K, value: readonly string[] | undefined): void {
  if (value === undefined || value.length === 0) delete names[key];
  else names[key] = value;
}
