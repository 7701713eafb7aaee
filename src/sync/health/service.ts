import type { Service } from '#api/generated/core/v1.ts';
import { healthy, progressing, type HealthRule } from './health.ts';

export const serviceHealth: HealthRule<Service> = ({ spec, status }) => {
  if (spec?.type === 'ExternalName') return healthy;
  if (!spec?.clusterIP) return progressing('the service has no address');
  const waits = spec.type === 'LoadBalancer' && !status?.loadBalancer?.ingress?.length;
  return waits ? progressing('the load balancer has no address') : healthy;
};
