import type { Status } from '#api/generated/meta/v1.ts';
import type { SyncError } from '#api/headway/v1/types.ts';
import { describe } from '../inventory/identity.ts';
import type { DesiredObject } from './desired-object.ts';

/** Answers to an object that itself is wrong: another try with the same manifest would be refused again. */
const MANIFEST_REASONS = new Set(['Invalid', 'BadRequest', 'RequestEntityTooLarge']);

/** What the API refused, as errors with the file and the line of each field that it names. */
export function refusalsOf(desired: DesiredObject, status: Status): readonly SyncError[] {
  const reason = reasonOf(status);
  const fields = fieldsOf(status);
  const places = fields.length > 0 ? fields : [{ field: '', message: status.message ?? 'the API gave no reason' }];
  const { source, object } = desired;
  return places.map(({ field, message }) => ({
    path: source.path, line: field === '' ? source.line : source.lineOf(field), object: describe(object.kind, object.metadata), reason, message: source.hide?.(message) ?? message,
  }));
}

/** Soon made by a controller in a new namespace. */
export const SERVICE_ACCOUNT_MISSING = 'ServiceAccountMissing';

function reasonOf({ reason, message = '', details }: Status): string {
  if (reason === 'NotFound' && details?.kind === 'namespaces') return 'NamespaceNotFound';
  if (reason !== undefined && MANIFEST_REASONS.has(reason)) return 'InvalidObject';
  if (reason !== 'Forbidden') return 'ApplyFailed';
  return message.includes('error looking up service account') ? SERVICE_ACCOUNT_MISSING : 'Forbidden';
}

interface NamedField { readonly field: string; readonly message: string }

function fieldsOf({ reason, message = '', details }: Status): readonly NamedField[] {
  if (reason === 'NotFound' && details?.kind === 'namespaces') return [{ field: 'metadata.namespace', message: `${message}: nothing of the application declares it, and nobody has made it` }];
  const causes = (details?.causes ?? []).flatMap(({ field, message: why = '' }) => (field ? [{ field, message: why.startsWith(field) ? why : `${field}: ${why}` }] : []));
  if (causes.length > 0) return causes;
  const unknown = [...message.matchAll(/(?:unknown|duplicate) field "([^"]+)"/g)].map(([text, field = '']) => ({ field, message: text }));
  if (unknown.length > 0) return unknown;
  const decoding = /Go struct field \w+\.([\w.[\]]+) of type/.exec(message)?.[1];
  return decoding ? [{ field: decoding, message }] : [];
}
