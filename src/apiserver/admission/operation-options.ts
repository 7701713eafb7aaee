import { isDryRun } from '../call.ts';
import { isTrue } from '../request-info.ts';
import type { AdmissionRequest, Operation } from './plugin.ts';

const OPTIONS: Readonly<Record<Operation, string | undefined>> = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: undefined };

/** The request's options as an object of their own, with the parameters of its URL. */
export function optionsOf({ operation, options, context }: AdmissionRequest): object | null {
  const query = context.query ?? {};
  const kind = operation === 'UPDATE' && context.isPatch ? 'PatchOptions' : OPTIONS[operation];
  if (kind === undefined) return null;
  const { fieldManager, fieldValidation, force } = query;
  const given = kind === 'DeleteOptions' ? {} : {
    ...(fieldManager ? { fieldManager } : {}), ...(fieldValidation ? { fieldValidation } : {}), ...(kind === 'PatchOptions' && force !== undefined ? { force: isTrue(force) } : {}),
  };
  return { kind, apiVersion: 'meta.k8s.io/v1', ...(isDryRun(query['dryRun']) || context.dryRun ? { dryRun: ['All'] } : {}), ...given, ...options };
}
