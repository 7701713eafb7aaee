import type { ServiceAccount } from '#api/generated/core/v1.ts';
import type { RuntimeClass } from '#api/generated/node/v1.ts';
import { deprecatedLabel } from './node-labels.ts';

const MOUNTABLE_SECRETS = 'kubernetes.io/enforce-mountable-secrets';

export const warnOfServiceAccount = ({ metadata }: ServiceAccount): readonly string[] =>
  (MOUNTABLE_SECRETS in (metadata.annotations ?? {}) ? [`metadata.annotations[${MOUNTABLE_SECRETS}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`] : []);

export function warnOfRuntimeClass({ scheduling }: RuntimeClass): readonly string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
    const why = deprecatedLabel(label);
    return why === undefined ? [] : [`scheduling.nodeSelector: ${why}`];
  });
}
