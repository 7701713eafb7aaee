import { jsonFault } from '#api/json-fault.ts';
import { badRequest } from '#api/status-error.ts';

/** Where a paged list goes on. `rv` -1 goes on at whatever is current. */
export interface ContinueToken {
  readonly revision: number;
  readonly namespace: string;
  readonly name: string;
  /** When the first page was shown, in milliseconds of the epoch; absent for what is current. */
  readonly shownAt?: number;
}

/** Kubernetes forgets a state five to ten minutes after it, and its conformance suite waits for that; who pages on for longer than this begins anew, or sees what is current. */
const CONSISTENT_MS = 8 * 60_000;

/** Whether the state that the first page showed is too old to go on with. */
export const isOver = ({ revision, shownAt }: ContinueToken, now: number): boolean => revision > 0 && shownAt !== undefined && now - shownAt > CONSISTENT_MS;

export const encodeContinue = (token: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: `${token.namespace}/${token.name}\0`, at: token.shownAt })).toString('base64url');

/** @throws StatusError BadRequest */
export function decodeContinue(text: string): ContinueToken {
  const value = parse(text) as { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown; readonly at?: unknown } | undefined;
  if (value?.v !== 'meta.k8s.io/v1' || typeof value.rv !== 'number' || typeof value.start !== 'string') throw invalidToken('encoded start key and version expected');
  const start = value.start.replace(/\0$/, '');
  const slash = start.indexOf('/');
  if (slash < 0) throw invalidToken('start key expected');
  return { revision: value.rv, namespace: start.slice(0, slash), name: start.slice(slash + 1), ...(typeof value.at === 'number' ? { shownAt: value.at } : {}) };
}

const invalidToken = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`);

function parse(text: string): unknown {
  const bytes = Buffer.from(text, 'base64url');
  const fault = jsonFault(bytes.toString('latin1'));
  if (fault !== undefined) throw invalidToken(fault);
  return JSON.parse(bytes.toString());
}
