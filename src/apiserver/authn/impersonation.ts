import { badRequest } from '#api/status-error.ts';
import type { RequestHeaders } from '../http/exchange.ts';
import { extraOf } from './request-headers.ts';

const PREFIX = 'impersonate-';

/** As whom somebody wants to act. */
export interface WantedUser {
  readonly name: string;
  /** Default: those that belong to the name. */
  readonly groups?: readonly string[] | undefined;
  readonly uid?: string | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** As whom the headers ask to act; undefined when they do not ask. @throws StatusError BadRequest */
export function wantedUserOf(request: RequestHeaders): WantedUser | undefined {
  if (!request.hasPrefixed(PREFIX)) return undefined;
  const name = request.values('impersonate-user')[0] ?? '';
  const groups = request.values('impersonate-group');
  const uid = request.values('impersonate-uid')[0];
  const extra = extraOf(request, 'impersonate-extra-');
  if (name !== '') return { name, groups, uid, extra };
  if (groups.length > 0 || uid || extra) throw badRequest(`requested ${goUser({ name, groups, uid, extra })} without impersonating a user name`);
  return undefined;
}

/** As Go prints it, for the words of Kubernetes. */
function goUser({ name, groups = [], uid = '', extra }: WantedUser): string {
  const members = Object.entries(extra ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, values]) => `${JSON.stringify(key)}:${goTexts(values)}`);
  return `&user.DefaultInfo{Name:${JSON.stringify(name)}, UID:${JSON.stringify(uid)}, Groups:${goTexts(groups)}, Extra:map[string][]string${extra ? `{${members.join(', ')}}` : '(nil)'}}`;
}

const goTexts = (texts: readonly string[]): string => (texts.length === 0 ? '[]string(nil)' : `[]string{${texts.map((text) => JSON.stringify(text)).join(', ')}}`);
