import type { Duplicate } from '#api/duplicates.ts';
import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';
import { asManager } from '#api/validation/managed-fields.ts';
import type { QuotaLedger } from './admission/resource-quota/ledger.ts';
import type { ResourceInfo } from './request-info.ts';

/** One authenticated request for a resource, however it arrived. */
export interface Call {
  readonly info: ResourceInfo;
  readonly user: UserInfo;
  readonly query: Readonly<Record<string, string>>;
  /** Decoded body; undefined when there was none. */
  readonly body: unknown;
  /** Fields that the body's text gives twice. */
  readonly duplicates: readonly Duplicate[];
  /** As in `ParsedBody`. */
  readonly fractions?: ReadonlyMap<string, string> | undefined;
  readonly contentType: string;
  readonly userAgent: string;
  /** Becomes a Warning header. */
  warn(text: string): void;
  /** Whether the client has gone, or has given up: nobody reads the answer. Absent: it waits. */
  readonly hasLeft?: () => boolean;
  /** When the request came, in milliseconds of the monotonic clock; absent when nobody waits for an answer. */
  readonly startedAt?: number | undefined;
  /** Adds to the audit record; absent when the request is not recorded. The first value of a key stands. */
  readonly audit?: ((key: string, value: string) => void) | undefined;
}

/** What admission and the registry need to know of the writer; shared by all items of a transaction. */
export interface WriteContext {
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly fieldManager: string;
  warn(text: string): void;
  /** Parameters of the request, for those who tell others of it. */
  readonly query?: Readonly<Record<string, string>>;
  /** As in {@link Call}. */
  readonly startedAt?: number | undefined;
  readonly isPatch?: boolean;
  /** The request makes an object, and names none. */
  readonly isPost?: boolean;
  /** The server writes for itself, perhaps before anything runs that could answer: no webhook and no policy is asked. */
  readonly isOwn?: true;
  /** Adds to the audit record; absent when the request is not recorded. */
  readonly audit?: ((key: string, value: string) => void) | undefined;
  /** Namespaces that the same transaction makes or changes, as they were sent. */
  readonly newNamespaces?: ReadonlyMap<string, KubeObject>;
  /** What the items of the same transaction take of quotas; absent outside of one. */
  readonly charges?: QuotaLedger;
}

export function writeContext(call: Call): WriteContext {
  const { user, query, info, audit, startedAt } = call;
  return { user, query, startedAt, isPatch: info.verb === 'patch', isPost: info.verb === 'create', dryRun: isDryRun(query['dryRun']), fieldManager: fieldManagerOf(call), warn: (text) => call.warn(text), ...(audit ? { audit } : {}) };
}

export const isDryRun = (value: string | undefined): boolean => value !== undefined && value !== '';

/** The query parameter, else the first part of the user agent, as Kubernetes names managers. */
function fieldManagerOf(call: Call): string {
  const given = call.query['fieldManager'];
  if (given !== undefined && given !== '') return given;
  return asManager(call.userAgent.split('/', 1)[0] ?? '') || 'unknown';
}
