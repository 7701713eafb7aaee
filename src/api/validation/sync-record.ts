import { immutable } from './object-meta.ts';
import type { Problems } from './problems.ts';
import type { Sync } from '#api/headway/v1/types.ts';
import { dns1123Subdomain } from '#api/names.ts';

const COMMIT = /^[0-9a-f]{40}$/;

export function validateSync(problems: Problems, { spec }: Sync): void {
  problems.checkRequired('spec.application', spec?.application, dns1123Subdomain);
  problems.checkRequired('spec.repository', spec?.repository, dns1123Subdomain);
  if (!spec?.revision) problems.required('spec.revision');
  else if (!COMMIT.test(spec.revision)) problems.invalid('spec.revision', spec.revision, 'must be a full commit id, 40 hexadecimal digits');
  problems.oneOf('spec.trigger.type', spec?.trigger?.type, ['Commit', 'Spec', 'Drift', 'Manual', 'Retry', 'Restart', 'Deletion']);
}

/** A record says what was: only its status goes on. */
export const validateSyncUpdate = (problems: Problems, now: Sync, old: Sync): void => immutable(problems, 'spec', now.spec, old.spec);
