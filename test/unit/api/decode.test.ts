import test from 'ava';
import { decodeObject, type DecodeOptions } from '#api/decode.ts';
import { APPLICATIONS, CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS, PODS, SECRETS, SERVICES } from '#api/resources.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { loadSchema } from '#api/schema.ts';
import { StatusError } from '#api/status-error.ts';

const schema = loadSchema();
const STRICT: DecodeOptions = { fieldValidation: 'Strict' };
const decode = (resource: ResourceType, value: unknown, options = STRICT): unknown => decodeObject(schema, resource, value, options).object;
const deployment = (spec: object): object => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec });

test('an object in the kept form is returned itself', (t) => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { x: 'y' } }, data: { k: 'v' } };
  t.is(decode(CONFIG_MAPS, object), object);
});

test('apiVersion and kind are filled in, and must not contradict the path', (t) => {
  t.deepEqual(decode(CONFIG_MAPS, { metadata: {} }), { metadata: {}, apiVersion: 'v1', kind: 'ConfigMap' });
  t.throws(() => decode(CONFIG_MAPS, { apiVersion: 'v2', kind: 'ConfigMap' }), { message: 'the API version in the data (v2) does not match the expected API version (v1)' });
  t.throws(() => decode(CONFIG_MAPS, { apiVersion: 'v1', kind: 'Secret' }), { instanceOf: StatusError });
});

for (const [value, message] of [
  [{ replicas: 'three' }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
  [{ replicas: 1.5 }, 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
  [{ paused: 'true' }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool'],
  [{ template: { metadata: { labels: { a: 1 } } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.spec.template.metadata.labels of type string'],
  [{ template: { spec: { containers: [{ env: [{ name: 'a', value: 1 }] }] } } }, 'json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string'],
  [{ template: { spec: { containers: {} } } }, 'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container'],
  [{ template: { spec: { containers: [{ resources: { limits: { cpu: 'x' } } }] } } }, "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
] as const) {
  test(`refuses ${JSON.stringify(value)}`, (t) => {
    const error = t.throws(() => decode(DEPLOYMENTS, deployment(value)), { instanceOf: StatusError });
    t.is(error.message, `Deployment in version "v1" cannot be handled as a Deployment: ${message}`);
    t.is(error.httpCode, 400);
  });
}

for (const [value, message] of [
  [{ replicas: 'three' }, 'unrecognized type: int32'],
  [{ replicas: 1.5 }, 'cannot convert float64 to int32'],
  [{ paused: 1 }, 'unrecognized type: bool'],
  [{ selector: 'a=b' }, 'cannot restore struct from: string'],
  [{ template: { metadata: { labels: { a: 1 } } } }, 'cannot convert int64 to string'],
  [{ template: { metadata: { labels: ['a'] } } }, 'cannot restore map from slice'],
  [{ template: { metadata: { creationTimestamp: {} } } }, 'json: cannot unmarshal object into Go value of type string'],
  [{ template: { spec: { containers: {} } } }, 'cannot restore slice from map'],
  [{ strategy: { rollingUpdate: { maxSurge: true } } }, 'json: cannot unmarshal bool into Go value of type int32'],
] as const) {
  test(`of what a strategic merge has made, refuses ${JSON.stringify(value)} in the words of Go's converter`, (t) => {
    const error = t.throws(() => decode(DEPLOYMENTS, deployment(value), { ...STRICT, sent: { form: 'merged', problems: [] } }), { instanceOf: StatusError });
    t.is(error.message, `Deployment in version "v1" cannot be handled as a Deployment: ${message}`);
  });
}

test('unknown and duplicate fields: dropped, and told or refused as asked', (t) => {
  const value = deployment({ foo: 1, replicas: 2, template: { spec: { containers: [{ name: 'a', bar: {} }] } } });
  const warned = decodeObject(schema, DEPLOYMENTS, value, { fieldValidation: 'Warn' });
  t.deepEqual(warned.object, deployment({ replicas: 2, template: { spec: { containers: [{ name: 'a' }] } } }) as never);
  t.deepEqual(warned.warnings, ['unknown field "spec.foo"', 'unknown field "spec.template.spec.containers[0].bar"']);
  t.deepEqual(warned.unknown, ['spec.foo', 'spec.template.spec.containers[0].bar']);
  t.throws(() => decode(DEPLOYMENTS, value), { message: 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo", unknown field "spec.template.spec.containers[0].bar"' });
  t.deepEqual(decodeObject(schema, DEPLOYMENTS, value, { fieldValidation: 'Ignore' }).warnings, []);
});

test('an unknown field in a map is told with its key, which a mismatch does not name', (t) => {
  const crd = (properties: object) => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', spec: { versions: [{ schema: { openAPIV3Schema: { properties: { spec: { properties } } } } }] } });
  const path = 'spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.a';
  t.deepEqual(decodeObject(schema, CUSTOM_RESOURCE_DEFINITIONS, crd({ a: { foo: 1 } }), { fieldValidation: 'Ignore' }).unknown, [`${path}.foo`]);
  t.throws(() => decode(CUSTOM_RESOURCE_DEFINITIONS, crd({ a: { title: 1 } })), { message: /Go struct field JSONSchemaProps\.spec\.versions\.schema\.openAPIV3Schema\.properties\.properties\.title of type string$/ });
});

test('nulls and empty optional lists vanish; quantities and times become canonical', (t) => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', creationTimestamp: null, labels: {}, deletionTimestamp: '2026-01-02T04:04:05.5+01:00' },
    spec: { containers: [{ name: 'c', command: [], resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }], volumes: null } };
  t.deepEqual(decode(PODS, pod), { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', deletionTimestamp: '2026-01-02T03:04:05Z' },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: '500m', memory: '1Gi' } } }] } });
  t.deepEqual(pod.spec.containers[0]?.command, []);
});

for (const [resource, value, kept] of [
  [PODS, { spec: { containers: [{ name: 'c', image: '', tty: false, stdin: true, ports: [{ containerPort: 0, hostPort: 0 }], livenessProbe: { periodSeconds: 0, terminationGracePeriodSeconds: 0 }, securityContext: { privileged: false } }], hostNetwork: false, nodeName: '', priority: 0, nodeSelector: {}, securityContext: {}, affinity: { nodeAffinity: {} } } },
    { spec: { containers: [{ name: 'c', stdin: true, ports: [{ containerPort: 0 }], livenessProbe: { terminationGracePeriodSeconds: 0 }, securityContext: { privileged: false } }], priority: 0, securityContext: {}, affinity: { nodeAffinity: {} } } }],
  [DEPLOYMENTS, { spec: { replicas: 0, paused: false, minReadySeconds: 0, strategy: { type: '' }, template: { metadata: { name: '', labels: { a: '' } } } }, status: { replicas: 0, observedGeneration: 0 } },
    { spec: { replicas: 0, strategy: {}, template: { metadata: { labels: { a: '' } } } }, status: {} }],
  [SERVICES, { spec: { clusterIP: '', externalIPs: [''], publishNotReadyAddresses: false, ports: [{ name: '', port: 0, nodePort: 0, targetPort: 0 }] } }, { spec: { externalIPs: [''], ports: [{ port: 0, targetPort: 0 }] } }],
  [APPLICATIONS, { spec: { repository: '', path: '' } }, { spec: { repository: '', path: '' } }],
] as const) {
  const whole = (body: object): object => ({ apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: {}, ...body });
  test(`of a ${resource.kind} only the zeros stay that Go would write, and all of them when they are applied`, (t) => {
    const once = decode(resource, whole(value));
    t.deepEqual(once, whole(kept));
    t.is(decode(resource, once), once);
    const applied = whole(value);
    t.is<unknown, unknown>(decodeObject(schema, resource, applied, { ...STRICT, isAsSent: true }).object, applied);
  });
}

test('fields of features that are off are known, checked and not kept, and with the last of them goes what holds nothing else', (t) => {
  const containers = [{ name: 'a', lifecycle: { stopSignal: 'SIGUSR1' } }, { name: 'b', lifecycle: { stopSignal: 'SIGUSR1', preStop: { sleep: { seconds: 1 } } } }, { name: 'c', lifecycle: {} }];
  const off = { projected: { sources: [{ clusterTrustBundle: { path: 'a' } }] }, name: 'v' };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers, schedulingGroup: { podGroupName: 'g' }, volumes: [off] } };
  t.deepEqual(decode(PODS, pod), { ...pod, spec: { containers: [{ name: 'a' }, { name: 'b', lifecycle: { preStop: { sleep: { seconds: 1 } } } }, { name: 'c', lifecycle: {} }], volumes: [{ name: 'v', projected: { sources: [{}] } }] } });
  t.throws(() => decode(PODS, { ...pod, spec: { containers, schedulingGroup: 'g' } }), { message: /cannot unmarshal string into Go struct field PodSpec.spec.schedulingGroup/ });
  t.is<unknown, unknown>(decodeObject(schema, PODS, pod, { ...STRICT, isAsSent: true }).object, pod);
});

test('of a custom resource only the metadata has zeros to drop', (t) => {
  const custom = { ...CONFIG_MAPS, facts: undefined } as unknown as ResourceType;
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: {} }, spec: { a: 0, b: '' } };
  t.deepEqual(decode(custom, object), { ...object, metadata: { name: 'a' } });
});

test('base64 is checked', (t) => {
  t.throws(() => decode(SECRETS, { data: { a: '%%%' } }), { message: /illegal base64 data at input byte 0/ });
});

test('a schema inside a schema is read to any depth', (t) => {
  const crd = (leaf: unknown): unknown => ({ spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object', additionalProperties: { items: leaf } } } }] } });
  t.notThrows(() => decode(CUSTOM_RESOURCE_DEFINITIONS, crd({ type: 'string' })));
  t.throws(() => decode(CUSTOM_RESOURCE_DEFINITIONS, crd({ type: 1 })), { message: /JSONSchemaProps.*of type string/ });
});
