import { CERTIFICATE_SIGNING_REQUESTS, CSI_STORAGE_CAPACITIES, ENDPOINT_SLICES, INGRESSES, RUNTIME_CLASSES, SERVICE_CIDRS } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import { certificateRequest } from '#test/support/certificate-request.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour } from './support/behaviour.ts';
import { builtIn } from './support/built-in.ts';
import { supportsOperations } from './support/operations.ts';

const condition = (type: string) => ({ type, status: 'True', reason: 'Tested', message: 'set by the test', lastTransitionTime: '2026-01-02T03:04:05Z' });

behaviour('[sig-api-machinery] API priority and fairness should support FlowSchema API operations [Conformance]', (scene) =>
  supportsOperations(scene, builtIn('FlowSchema'), {
    make: (name, labels) => ({
      metadata: { name, labels },
      spec: {
        matchingPrecedence: 10_000, priorityLevelConfiguration: { name: 'global-default' }, distinguisherMethod: { type: 'ByUser' },
        rules: [{ subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }],
      },
    }),
    status: { value: () => ({ conditions: [{ ...condition('PatchStatusFailed'), status: 'False' }] }) },
  }));

behaviour('[sig-api-machinery] API priority and fairness should support PriorityLevelConfiguration API operations [Conformance]', (scene) =>
  supportsOperations(scene, builtIn('PriorityLevelConfiguration'), {
    make: (name, labels) => ({ metadata: { name, labels }, spec: { type: 'Limited', limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } } } }),
    status: { value: () => ({ conditions: [{ ...condition('PatchStatusFailed'), status: 'False' }] }) },
  }));

behaviour('[sig-api-machinery] API priority and fairness should ensure that requests can be classified by adding FlowSchema and PriorityLevelConfiguration', async ({ t, api, unique }) => {
  const level = await api.create(builtIn('PriorityLevelConfiguration'), { metadata: { name: unique('e2e-testing-prioritylevel') }, spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } } });
  t.teardown(() => api.delete(builtIn('PriorityLevelConfiguration'), level.metadata.name));
  const user = unique('noxu');
  const schema = await api.create(builtIn('FlowSchema'), {
    metadata: { name: unique('e2e-testing-flowschema') },
    spec: { matchingPrecedence: 1000, priorityLevelConfiguration: { name: level.metadata.name }, distinguisherMethod: { type: 'ByUser' }, rules: [{ subjects: [{ kind: 'User', user: { name: user } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }] },
  });
  t.teardown(() => api.delete(builtIn('FlowSchema'), schema.metadata.name));
  const isClassified = async (): Promise<boolean> => {
    const { headers } = await api.raw('/version', { 'impersonate-user': user });
    return headers['x-kubernetes-pf-flowschema-uid'] === schema.metadata.uid && headers['x-kubernetes-pf-prioritylevel-uid'] === level.metadata.uid;
  };
  await waitFor(isClassified, { what: 'requests to be classified' });
  const live = await waitFor(async () => (await api.get<KubeObject & { readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } }>(builtIn('FlowSchema'), schema.metadata.name)).status?.conditions, { what: 'the schema to say whether its level is there' });
  t.is(live.find(({ type }) => type === 'Dangling')?.status, 'False');
});

const MATCHED = { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] }], namespaceSelector: { matchLabels: { 'no-such': 'namespace' } } };

behaviour('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicy API operations [Conformance]', (scene) =>
  supportsOperations(scene, builtIn('ValidatingAdmissionPolicy'), {
    make: (name, labels) => ({ metadata: { name, labels }, spec: { failurePolicy: 'Ignore', matchConstraints: MATCHED, validations: [{ expression: "object.spec.replicas <= 100", message: 'too many' }] } }),
    status: { value: () => ({ conditions: [condition('StatusPatched')] }) },
  }));

behaviour('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicy API operations [Conformance]', (scene) =>
  supportsOperations(scene, builtIn('MutatingAdmissionPolicy'), {
    make: (name, labels) => ({
      metadata: { name, labels },
      spec: { failurePolicy: 'Ignore', reinvocationPolicy: 'Never', matchConstraints: MATCHED, mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{ spec: Object.spec{ replicas: 2 } }' } }] },
    }),
  }));

behaviour('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicyBinding API operations [Conformance]', (scene) =>
  supportsOperations(scene, builtIn('MutatingAdmissionPolicyBinding'), {
    make: (name, labels) => ({ metadata: { name, labels }, spec: { policyName: `${name}-policy`, matchResources: MATCHED } }),
  }));

behaviour('[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]', async (scene) => {
  const { request } = await certificateRequest({ commonName: 'e2e.example.com', organizations: ['testing'] });
  return supportsOperations(scene, CERTIFICATE_SIGNING_REQUESTS, {
    make: (name, labels) => ({ metadata: { name, labels }, spec: { request, signerName: 'example.com/e2e', usages: ['digital signature', 'key encipherment', 'server auth'], expirationSeconds: 3600 } }),
    status: { subresources: ['approval'], value: () => ({ conditions: [{ type: 'Approved', status: 'True', reason: 'E2E', message: 'approved by the test' }] }) },
  });
});

behaviour('[sig-network] EndpointSlice should support creating EndpointSlice API operations [Conformance]', (scene) =>
  supportsOperations(scene, ENDPOINT_SLICES, {
    make: (name, labels) => ({ metadata: { name, labels }, addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }], ports: [] }),
  }));

behaviour('[sig-network] Ingress API should support creating Ingress API operations [Conformance]', (scene) =>
  supportsOperations(scene, INGRESSES, {
    make: (name, labels) => ({ metadata: { name, labels }, spec: { defaultBackend: { service: { name: 'default-backend', port: { number: 80 } } }, rules: [{ host: 'foo.bar.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'test-backend', port: { number: 8080 } } } }] } }] } }),
    status: { value: () => ({ loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } }) },
  }));

behaviour('[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations [Conformance]', (scene) => {
  let subnet = 0;
  return supportsOperations(scene, SERVICE_CIDRS, {
    make: (name, labels) => ({ metadata: { name, labels }, spec: { cidrs: [`10.9.${subnet++}.0/24`] } }),
    status: { value: () => ({ conditions: [condition('StatusUpdate')] }) },
  });
});

behaviour('[sig-node] RuntimeClass should support RuntimeClasses API operations [Conformance]', (scene) =>
  supportsOperations(scene, RUNTIME_CLASSES, { make: (name, labels) => ({ metadata: { name, labels }, handler: 'a-handler' }) }));

behaviour('[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations [Conformance]', (scene) =>
  supportsOperations(scene, CSI_STORAGE_CAPACITIES, { make: (name, labels) => ({ metadata: { name, labels }, storageClassName: 'some-class', nodeTopology: { matchLabels: { zone: 'a' } }, capacity: '1Gi' }) }));

const REQUESTS = { requests: [{ name: 'req-0', exactly: { deviceClassName: 'my-class', count: 1, allocationMode: 'ExactCount' } }] };

behaviour('[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 DeviceClass [Conformance]', (scene) =>
  supportsOperations(scene, builtIn('DeviceClass'), {
    make: (name, labels) => ({ metadata: { name, labels }, spec: { selectors: [{ cel: { expression: 'device.driver == "test.example.com"' } }] } }),
    update: () => ({ spec: { selectors: [{ cel: { expression: 'true' } }] } }),
  }));

behaviour('[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim [Conformance]', (scene) =>
  supportsOperations(scene, builtIn('ResourceClaim'), {
    make: (name, labels) => ({ metadata: { name, labels }, spec: { devices: REQUESTS } }),
    status: { value: () => ({ allocation: { devices: { results: [{ request: 'req-0', driver: 'driver.example.com', pool: 'pool', device: 'device-0' }] } } }) },
  }));

behaviour('[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate [Conformance]', (scene) =>
  supportsOperations(scene, builtIn('ResourceClaimTemplate'), { make: (name, labels) => ({ metadata: { name, labels }, spec: { spec: { devices: REQUESTS } } }) }));

behaviour('[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice [Conformance]', (scene) =>
  supportsOperations(scene, builtIn('ResourceSlice'), {
    make: (name, labels) => ({ metadata: { name, labels }, spec: { driver: 'test.example.com', nodeName: 'no-such-node', pool: { name, generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'device-0', attributes: { model: { string: 'x' } } }] } }),
    update: (live) => ({ spec: { ...(live as unknown as { readonly spec: object }).spec, devices: [{ name: 'device-0' }, { name: 'device-1' }] } }),
  }));
