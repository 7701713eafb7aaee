import type { Service, ServiceSpec } from '#api/generated/core/v1.ts';
import type { Endpoint, EndpointSlice } from '#api/generated/discovery/v1.ts';

export const service = (name: string, spec: Partial<ServiceSpec>): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'demo' },
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.10', ports: [{ port: 80 }], ...spec },
});

export const slice = (serviceName: string, endpoints: readonly Endpoint[], port = 8080, protocol: 'TCP' | 'UDP' = 'TCP'): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', endpoints, ports: [{ port, protocol }],
  metadata: { name: `${serviceName}-1`, namespace: 'demo', labels: { 'kubernetes.io/service-name': serviceName } },
});

export const endpoint = (ip: string, conditions: Endpoint['conditions'] = { ready: true }, nodeName = 'node-a'): Endpoint => ({ addresses: [ip], conditions, nodeName });
