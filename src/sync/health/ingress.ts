import type { Ingress } from '#api/generated/networking/v1.ts';
import { healthy, progressing, type HealthRule } from './health.ts';

/** An Ingress that names a class waits for its controller's address; others have nobody to wait for. */
export const ingressHealth: HealthRule<Ingress> = ({ spec, status }) =>
  spec?.ingressClassName && !status?.loadBalancer?.ingress?.length ? progressing('the ingress has no address') : healthy;
