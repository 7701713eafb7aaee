import type { StatusCause } from '#api/generated/meta/v1.ts';
import { invalid } from '#api/status-error.ts';
import { checkManager, isPlainManager } from '#api/validation/managed-fields.ts';
import { Problems } from '#api/validation/problems.ts';
import type { Call } from '../call.ts';
import { repeatedValues } from '../repeated-values.ts';

const FIELD_VALIDATION: readonly string[] = ['', 'Ignore', 'Strict', 'Warn'];
const KINDS: Readonly<Record<string, string>> = { create: 'CreateOptions', update: 'UpdateOptions', patch: 'PatchOptions' };
const APPLY = 'application/apply-patch+';

/** Checks what the query of a create, update or patch says beside the object. @throws StatusError Invalid, of the options' kind */
export function checkWriteOptions({ info, query, contentType }: Pick<Call, 'info' | 'query' | 'contentType'>): void {
  const kind = KINDS[info.verb];
  if (kind === undefined) return;
  const { fieldManager = '', fieldValidation = '', force } = query;
  const dryRun = dryRunOf(query);
  const isApply = info.verb === 'patch' && contentType.startsWith(APPLY);
  const isFine = isPlainManager(fieldManager) && dryRun.every(isDryRunOfAll) && FIELD_VALIDATION.includes(fieldValidation);
  if (isFine && (isApply ? fieldManager !== '' : force === undefined || info.verb !== 'patch')) return;
  const problems = new Problems();
  if (isApply && fieldManager === '') problems.required('fieldManager', 'is required for apply patch');
  if (!isApply && force !== undefined && info.verb === 'patch') problems.forbidden('force', 'may not be specified for non-apply patch');
  checkManager(problems, 'fieldManager', fieldManager);
  checkDryRun(problems, dryRun);
  if (!FIELD_VALIDATION.includes(fieldValidation)) problems.notSupported('fieldValidation', fieldValidation, FIELD_VALIDATION);
  if (problems.causes.length > 0) throw invalidOptions(kind, problems.causes);
}

export const invalidOptions = (kind: string, causes: readonly StatusCause[]): Error => invalid({ group: 'meta.k8s.io', plural: kind, kind }, '', causes);

export const dryRunOf = (query: Call['query']): readonly string[] => repeatedValues(query['dryRun']);
const isDryRunOfAll = (value: string): boolean => value === 'All';

export function checkDryRun(problems: Problems, values: readonly string[]): void {
  if (!values.every(isDryRunOfAll)) problems.notSupported('dryRun', values, ['All']);
}
