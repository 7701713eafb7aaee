import { Problems } from '#api/validation/problems.ts';
import type { Call } from '../call.ts';
import { isTrue } from '../request-info.ts';
import { badRequest } from '#api/status-error.ts';
import { invalidOptions } from './write-options.ts';

const EXACT = 'Exact';
const NOT_OLDER = 'NotOlderThan';
const NO_CONTINUE = 'resourceVersionMatch is forbidden when continue is provided';

/** @throws StatusError Invalid for options of a list that say nothing together */
export function checkListOptions(query: Call['query']): void {
  const { resourceVersionMatch: match = '', resourceVersion = '', sendInitialEvents } = query;
  if (match === '' && sendInitialEvents === undefined) return;
  const problems = new Problems();
  if (match !== '') {
    if (resourceVersion === '') problems.forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (query['continue']) problems.forbidden('resourceVersionMatch', NO_CONTINUE);
    if (match !== EXACT && match !== NOT_OLDER) problems.notSupported('resourceVersionMatch', match, [EXACT, NOT_OLDER, '']);
    if (match === EXACT && resourceVersion === '0') problems.forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (sendInitialEvents !== undefined) problems.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  if (problems.causes.length > 0) throw invalidOptions('ListOptions', problems.causes);
}

/** Whether a watch begins with the present state and marks its end; undefined when it does not say. @throws StatusError Invalid */
export function checkWatchOptions(query: Call['query']): boolean | undefined {
  const { resourceVersionMatch: match = '', resourceVersion = '', sendInitialEvents } = query;
  if (!isTrue(query['watch'])) {
    // The old paths of watches may do without the parameter, and are held to the rules of lists.
    checkListOptions(query);
    return undefined;
  }
  const problems = new Problems();
  if (match === '' && sendInitialEvents === undefined) {
    if (resourceVersion !== '' && resourceVersion !== '0') return undefined;
    // It is as if both had been said.
    if (!query['continue']) return true;
    problems.forbidden('resourceVersionMatch', NO_CONTINUE);
  }
  if (sendInitialEvents !== undefined && match !== NOT_OLDER) problems.forbidden('resourceVersionMatch', `sendInitialEvents requires setting resourceVersionMatch to ${NOT_OLDER}`);
  if (match !== '') {
    if (sendInitialEvents === undefined) problems.forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    if (match !== NOT_OLDER) problems.notSupported('resourceVersionMatch', match, [NOT_OLDER]);
    if (query['continue']) problems.forbidden('resourceVersionMatch', NO_CONTINUE);
  }
  if (problems.causes.length > 0) throw invalidOptions('ListOptions', problems.causes);
  return isTrue(sendInitialEvents);
}

/** Those of a list or a watch; 0 where there is none. @throws StatusError BadRequest */
export const numbersOf = (query: Call['query']): { readonly limit: number; readonly timeoutSeconds: number } =>
  ({ limit: integerOf(query['limit']) ?? 0, timeoutSeconds: integerOf(query['timeoutSeconds']) ?? 0 });

/** @throws StatusError BadRequest */
export function integerOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const fault = !/^[-+]?\d+$/.test(text) ? 'invalid syntax' : BigInt.asIntN(64, toBigInt(text)) !== toBigInt(text) ? 'value out of range' : undefined;
  if (fault !== undefined) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${fault}`);
  return Number(text);
}

const toBigInt = (text: string): bigint => BigInt(text.replace(/^\+/, ''));
