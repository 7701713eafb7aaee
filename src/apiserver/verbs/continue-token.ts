import { goKind } from '#api/go-text.ts';
import { isJsonObject } from '#api/json.ts';
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

const VERSION = 'meta.k8s.io/v1';

export const encodeContinue = (token: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: VERSION, rv: token.revision, start: `${token.namespace}/${token.name}\0`, at: token.shownAt })).toString('base64url');

/** @throws StatusError BadRequest */
export function decodeContinue(text: string): ContinueToken {
  const { v = '', rv = 0, start = '', at } = parse(text);
  if (v !== VERSION) throw invalidToken(`server does not recognize this encoded version ${v}`);
  if (rv === 0) throw invalidToken(`incorrect encoded start resourceVersion (version ${VERSION})`);
  if (start === '') throw invalidToken(`encoded start key empty (version ${VERSION})`);
  const key = start.replace(/\0$/, '');
  const slash = key.indexOf('/');
  if (slash < 0 || key.split('/').some((part) => part === '.' || part === '..')) throw invalidToken(start);
  return { revision: rv, namespace: key.slice(0, slash), name: key.slice(slash + 1), ...(typeof at === 'number' ? { shownAt: at } : {}) };
}

const invalidToken = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`);

/** The Go types of what a token holds. */
const FIELDS = { v: 'string', rv: 'int64', start: 'string' } as const;

function parse(text: string): { readonly v?: string; readonly rv?: number; readonly start?: string; readonly at?: unknown } {
  // Four characters are three bytes: one that is left over is none.
  const at = text.search(/[^\w-]/);
  if (at >= 0 || text.length % 4 === 1) throw invalidToken(`illegal base64 data at input byte ${at >= 0 ? at : text.length - 1}`);
  const bytes = Buffer.from(text, 'base64url');
  const fault = jsonFault(bytes.toString('latin1'));
  if (fault !== undefined) throw invalidToken(fault);
  const value = JSON.parse(bytes.toString()) as unknown;
  if (value === null) return {};
  if (!isJsonObject(value)) throw invalidToken(`json: cannot unmarshal ${kindOf(value)} into Go value of type storage.continueToken`);
  for (const [field, type] of Object.entries(FIELDS)) {
    const given = value[field] ?? (type === 'string' ? '' : 0);
    const isFit = type === 'string' ? typeof given === 'string' : Number.isSafeInteger(given);
    if (!isFit) throw invalidToken(`json: cannot unmarshal ${kindOf(given)} into Go struct field continueToken.${field} of type ${type}`);
  }
  return value;
}

const kindOf = (value: unknown): string => (typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : goKind(value));
