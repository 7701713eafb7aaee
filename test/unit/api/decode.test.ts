import test from 'ava';
import { decodeObject, type DecodeOptions } from '#api/decode.ts';
import { parseBody } from '#api/parse.ts';
import { APPLICATIONS, CONFIG_MAPS, CONTROLLER_REVISIONS, CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, LEASES, PODS, SECRETS, SERVICES } from '#api/resources.ts';
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
});

for (const [resource, apiVersion, kind, message] of [
  [CONFIG_MAPS, 'v1', 'Secret', 'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
  [CONFIG_MAPS, '', 'ConfigMapList', 'ConfigMapList in version "v1" cannot be handled as a ConfigMap: converting (v1.ConfigMapList) to (core.ConfigMap): unknown conversion'],
  [DEPLOYMENTS, 'v1', 'Pod', 'Pod in version "v1" cannot be handled as a Deployment: converting (v1.Pod) to (apps.Deployment): unknown conversion'],
  [CONFIG_MAPS, 'v2', 'ConfigMap', 'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"'],
  [CONFIG_MAPS, 'apps/v1', '', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "apps/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"'],
  [CUSTOM_RESOURCE_DEFINITIONS, 'v1', 'X', 'X in version "v1" cannot be handled as a CustomResourceDefinition: no kind "X" is registered for version "v1" in scheme "pkg/apiserver/apiserver.go:55"'],
  [DEPLOYMENTS, 'apps/v1beta1', 'Deployment', 'the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)'],
  [HORIZONTAL_POD_AUTOSCALERS, 'autoscaling/v1', 'HorizontalPodAutoscaler', 'the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)'],
] as const) {
  test(`${kind || 'an object'} of ${apiVersion || 'no version'} is refused where a ${resource.kind} is wanted`, (t) => {
    t.throws(() => decode(resource, { apiVersion, kind }), { instanceOf: StatusError, message });
  });
}

test('a custom resource of another kind is not valid, and one of another version not read', (t) => {
  const custom = { ...CONFIG_MAPS, group: 'x.io', kind: 'Foo', facts: undefined, custom: { schema: { prune: (object: unknown) => ({ object, unknown: [] }) } } } as unknown as ResourceType;
  const { status } = t.throws(() => decode(custom, { apiVersion: 'x.io/v1', kind: 'Bar', metadata: { name: 'a' } }), { instanceOf: StatusError }).data;
  t.like(status, { code: 422, message: 'Bar.x.io "a" is invalid: kind: Invalid value: "Bar": must be Foo', details: { name: 'a', group: 'x.io', kind: 'Bar' } });
  t.throws(() => decode(custom, { apiVersion: 'x.io/v2', kind: 'Foo' }), { message: 'the API version in the data (x.io/v2) does not match the expected API version (x.io/v1)' });
});

for (const [value, message] of [
  [{ replicas: 'three' }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
  [{ replicas: 1.5 }, 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
  [{ paused: 'true' }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool'],
  [{ template: { metadata: { labels: { a: 1 } } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.spec.template.metadata.labels of type string'],
  [{ template: { spec: { containers: [{ env: [{ name: 'a', value: 1 }] }] } } }, 'json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string'],
  [{ template: { spec: { containers: {} } } }, 'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container'],
  [{ selector: { matchLabels: 1 } }, 'json: cannot unmarshal number into Go struct field LabelSelector.spec.selector.matchLabels of type map[string]string'],
  [{ template: { spec: { containers: [{ resources: { limits: true } }] } } }, 'json: cannot unmarshal bool into Go struct field ResourceRequirements.spec.template.spec.containers.resources.limits of type v1.ResourceList'],
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

test('names of fields are quoted, and those in maps told with their keys', (t) => {
  const openAPIV3Schema = { type: 'object', properties: { a: { type: 'string', 'b"c': 1 } } };
  const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', spec: { versions: [{ schema: { openAPIV3Schema } }] } };
  t.deepEqual(decodeObject(schema, CUSTOM_RESOURCE_DEFINITIONS, definition, { fieldValidation: 'Warn' }).warnings, [String.raw`unknown field "spec.versions[0].schema.openAPIV3Schema.properties.a.b\"c"`]);
});

const textOf = (resource: ResourceType, text: string): unknown => {
  const { value, duplicates, fractions } = parseBody(Buffer.from(text), 'application/json');
  return decode(resource, value, { ...STRICT, sent: { form: 'json', duplicates, fractions } });
};

test('a schema that may stand for something else is read by itself, and what is unknown in it goes without a word', (t) => {
  const text = (more: string): string => `{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"type":"object",${more}}}}]}}`;
  t.like(textOf(CUSTOM_RESOURCE_DEFINITIONS, text('"additionalProperties":{"type":"string","type":"number","unknown":1},"items":[{"unknown":1}]')), {
    spec: { versions: [{ schema: { openAPIV3Schema: { type: 'object', additionalProperties: { type: 'number' }, items: [{}] } } }] },
  });
  t.throws(() => textOf(CUSTOM_RESOURCE_DEFINITIONS, text('"additionalProperties":"yes"')), { message: /cannot be handled as a CustomResourceDefinition: boolean or JSON schema expected$/ });
});

test('an integer of more than 64 bits is refused at both ends', (t) => {
  for (const generation of ['9223372036854775808', '-9223372036854775809']) t.throws(() => textOf(CONFIG_MAPS, `{"metadata":{"generation":${generation}}}`), { message: /of type int64$/ });
  t.like(textOf(CONFIG_MAPS, '{"metadata":{"generation":-9223372036854775808}}'), { metadata: { generation: -(2n ** 63n) } });
});

test('of what has no type nobody asks whether it is there twice', (t) => {
  t.notThrows(() => textOf(CONTROLLER_REVISIONS, '{"data":{"a":1,"a":2,"b":[{"c":1,"c":2}]},"revision":1}'));
  t.throws(() => textOf(CONTROLLER_REVISIONS, '{"data":{"a":1,"a":2},"revision":1,"revision":2}'), { message: /strict decoding error: duplicate field "revision"$/ });
});

for (const [text, message] of [
  ['{"spec":{"replicas":1.0}}', 'json: cannot unmarshal number 1.0 into Go struct field DeploymentSpec.spec.replicas of type int32'],
  ['{"spec":{"replicas":1e-2}}', 'json: cannot unmarshal number 1e-2 into Go struct field DeploymentSpec.spec.replicas of type int32'],
  ['{"spec":{"replicas": 1e3}}', 'json: cannot unmarshal number 1e3 into Go struct field DeploymentSpec.spec.replicas of type int32'],
  ['{"spec":{"template":{"spec":{"containers":[{"ports":[{},{"containerPort":-0.0}]}]}}}}', 'json: cannot unmarshal number -0.0 into Go struct field ContainerPort.spec.template.spec.containers.ports.containerPort of type int32'],
  ['{"spec":{"strategy":{"rollingUpdate":{"maxSurge":1.0}}}}', 'json: cannot unmarshal number 1.0 into Go struct field RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32'],
] as const) {
  test(`a whole number with a fraction or an exponent is no integer: ${text}`, (t) => {
    t.throws(() => textOf(DEPLOYMENTS, text), { message: `Deployment in version "v1" cannot be handled as a Deployment: ${message}` });
  });
}

test('where no integer is wanted, numbers are written as one likes', (t) => {
  const openAPIV3Schema = { type: 'object', properties: { a: { type: 'number', maximum: 10, default: 10 } } };
  const text = JSON.stringify({ spec: { versions: [{ schema: { openAPIV3Schema } }] } }).replaceAll(':10', ':1.0e1');
  t.like(textOf(CUSTOM_RESOURCE_DEFINITIONS, text), { spec: { versions: [{ schema: { openAPIV3Schema } }] } });
});

test('times of microseconds have all six digits, and the first second of all is none', (t) => {
  t.throws(() => decode(LEASES, { spec: { renewTime: '2026-01-02T03:04:05Z' } }), { message: /cannot parse "Z" as ".000000"$/ });
  t.throws(() => decode(PODS, { metadata: { creationTimestamp: '2026-02-30T00:00:00Z' } }), { message: /parsing time "2026-02-30T00:00:00Z": day out of range$/ });
  t.like(decode(LEASES, { spec: { renewTime: '2026-01-02T05:04:05.000006+02:00', acquireTime: '0001-01-01T00:00:00.000000Z' } }), { spec: { renewTime: '2026-01-02T03:04:05.000006Z', acquireTime: undefined } });
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
