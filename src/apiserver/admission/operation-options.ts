import { isDryRun } from '../call.ts';
import type { AdmissionRequest, Operation } from './plugin.ts';

const OPTIONS: Readonly<Record<Operation, string | undefined>> = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: undefined };

/** The request's options as an object of their own, with the parameters of its URL: of the operation, also for a patch, which is a creation or an update by then. */
export function optionsOf({ operation, options, context }: AdmissionRequest): object | null {
  const kind = OPTIONS[operation];
  if (kind === undefined) return null;
  const { dryRun, fieldManager, fieldValidation } = context.query ?? {};
  const given = kind === 'DeleteOptions' ? {} : { ...(fieldManager ? { fieldManager } : {}), ...(fieldValidation ? { fieldValidation } : {}) };
  return { ...(isDryRun(dryRun) || context.dryRun ? { dryRun: ['All'] } : {}), ...given, ...options, kind, apiVersion: 'meta.k8s.io/v1' };
}
