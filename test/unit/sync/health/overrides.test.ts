import test from 'ava';
import type { HealthOverride } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { CONFIG_MAPS, DEPLOYMENTS } from '#api/resources.ts';
import { compileOverrides } from '#sync/health/overrides.ts';
import { healthOf } from '#sync/health/rules.ts';

const deployment = (status: object, spec: object = {}): KubeObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec, status }) as KubeObject;
const OVERRIDE: HealthOverride = {
  group: 'apps', kind: 'Deployment',
  degraded: 'object.status.phase == "Bad"', suspended: 'object.spec.paused', progressing: 'object.status.phase.startsWith("Wait")', healthy: 'object.status.phase in ["Good", "Fine"]',
  message: '"phase " + object.status.phase',
};
const cases = [
  { name: 'degraded', object: deployment({ phase: 'Bad' }, { paused: true }), expected: { status: 'Degraded', message: 'phase Bad' } },
  { name: 'suspended', object: deployment({ phase: 'Good' }, { paused: true }), expected: { status: 'Suspended', message: 'phase Good' } },
  { name: 'progressing', object: deployment({ phase: 'Waiting' }, { paused: false }), expected: { status: 'Progressing', message: 'phase Waiting' } },
  { name: 'healthy, though a field of another expression is missing', object: deployment({ phase: 'Fine' }), expected: { status: 'Healthy', message: '' } },
  { name: 'without a word of its own', object: deployment({ phase: 'Else' }, { paused: false }), expected: { status: 'Progressing', message: 'phase Else' } },
  { name: 'without a status', object: deployment({}, { paused: false }), expected: { status: 'Progressing', message: 'spec.health[0].degraded: no such key: phase' } },
] as const;
for (const { name, object, expected } of cases) {
  test(`an object is ${name} by the first expression that is true`, (t) => {
    const overrides = compileOverrides([OVERRIDE]);
    t.deepEqual(overrides.problems, []);
    t.deepEqual(healthOf(DEPLOYMENTS, object, { pods: [] }, overrides), expected);
  });
}

test('kinds without an override keep their rules', (t) => {
  const overrides = compileOverrides([{ kind: 'ConfigMap', degraded: 'object.data.state == "bad"' }, { group: 'example.org', kind: 'Deployment', degraded: 'true' }]);
  t.is(healthOf(DEPLOYMENTS, deployment({ availableReplicas: 1, updatedReplicas: 1, replicas: 1 }), { pods: [] }, overrides).status, 'Healthy');
  const bad = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { state: 'bad' } } as KubeObject;
  t.deepEqual(healthOf(CONFIG_MAPS, bad, { pods: [] }, overrides), { status: 'Degraded', message: 'by spec.health of the Application it is Degraded' });
});

const wrong = [
  { name: 'does not parse', override: { kind: 'A', healthy: 'object.(' }, message: /^spec\.health\[0\]\.healthy: ERROR: <input>:1:8/ },
  { name: 'reads another variable', override: { kind: 'A', degraded: 'request.name == "a"' }, message: /^spec\.health\[0\]\.degraded: .*undeclared reference to 'request'/ },
  { name: 'is no condition', override: { kind: 'A', progressing: '"yes"' }, message: /^spec\.health\[0\]\.progressing: must evaluate to bool, not string/ },
  { name: 'is no message', override: { kind: 'A', message: '1 + 1' }, message: /^spec\.health\[0\]\.message: must evaluate to string, not int/ },
];
for (const { name, override, message } of wrong) {
  test(`an expression that ${name} is told with its place`, (t) => {
    const { problems } = compileOverrides([override]);
    t.is(problems.length, 1);
    t.regex(problems[0] ?? '', message);
  });
}

test('an expression that costs too much has no value', (t) => {
  const overrides = compileOverrides([{ kind: 'ConfigMap', healthy: 'object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != "")))' }]);
  const large = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 'v'])) } as KubeObject;
  const health = healthOf(CONFIG_MAPS, large, { pods: [] }, overrides);
  t.is(health.status, 'Progressing');
  t.regex(health.message, /^spec\.health\[0\]\.healthy: .*cost limit exceeded/);
});
