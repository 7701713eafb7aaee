import type { Node, ServiceAccount } from '#api/generated/core/v1.ts';
import type { RuntimeClass } from '#api/generated/node/v1.ts';
import type { ResourceSlice } from '#api/generated/resource/v1.ts';
import { goQuote } from '#api/go-text.ts';
import { deprecatedLabel } from './node-labels.ts';

const MOUNTABLE_SECRETS = 'kubernetes.io/enforce-mountable-secrets';

/** Told once, when it is set. */
export const warnOfServiceAccount = ({ metadata }: ServiceAccount, live?: ServiceAccount): readonly string[] =>
  (MOUNTABLE_SECRETS in (metadata.annotations ?? {}) && !(MOUNTABLE_SECRETS in (live?.metadata.annotations ?? {}))
    ? [`metadata.annotations[${MOUNTABLE_SECRETS}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`] : []);

export const warnOfNode = ({ spec }: Node): readonly string[] => (spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []);

/** Names are compared as they stand. */
export function warnOfDeviceDriver({ spec: { driver = '' } }: ResourceSlice): readonly string[] {
  return driver === driver.toLowerCase() ? [] : [`spec.driver: driver names should be lowercase; ${goQuote(driver)} contains uppercase characters`];
}

export function warnOfRuntimeClass({ scheduling }: RuntimeClass): readonly string[] {
  return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
    const why = deprecatedLabel(label);
    return why === undefined ? [] : [`scheduling.nodeSelector: ${why}`];
  });
}
