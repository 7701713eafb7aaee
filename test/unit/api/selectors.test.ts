import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { fieldPredicate, parseFieldSelector } from '#api/selectors/fields.ts';
import { labelSelectorPredicate, labelsPredicate, parseLabelSelector } from '#api/selectors/labels.ts';

const { CONFIG_MAPS, JOBS, PODS } = resources;

const labels = { app: 'web', tier: 'front', n: '5', 'example.com/x': '' };
for (const [text, expected] of [
  ['', true], ['app=web', true], ['app==web', true], ['app = web , tier=front', true], ['app=api', false], ['app!=api', true], ['none!=x', true], ['app', true], ['!app', false], ['!none', true],
  ['app in (api, web)', true], ['app notin (api,web)', false], ['none notin (a)', true], ['n>4', true], ['n<5', false], ['example.com/x=', true], ['app>1', false], ['app in (web),tier', true],
] as const) {
  test(`labels match "${text}": ${expected}`, (t) => { t.is(parseLabelSelector(text)(labels), expected); });
}
const LABEL = 'a valid label must be an empty string or consist of alphanumeric characters';
const UNPARSED = 'unable to parse requirement: ';
for (const [text, message] of [
  ['a=b,', "found '', expected: identifier after ','"],
  ['a,,b', "found ',', expected: identifier after ','"],
  [',', "found ',', expected: !, identifier, or 'end of string'"],
  ['=a', "found '=', expected: !, identifier, or 'end of string'"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  ['a==b==c', "found '==', expected: ',' or 'end of string'"],
  ['!a=b', "found '=', expected: ',' or 'end of string'"],
  ['a in b', `${UNPARSED}found 'b' expected: '('`],
  ['a in (b', `${UNPARSED}found '', expected: ',' or ')'`],
  ['a in (b,', `${UNPARSED}found '', expected: ',', or identifier`],
  ['a in (=)', `${UNPARSED}found '=', expected: ',', ')' or identifier`],
  ['a ? b', `${UNPARSED}found '?', expected: in, notin, =, ==, !=, gt, lt`],
  ['!', `${UNPARSED}found '', expected: identifier`],
  ['a=(b)', `${UNPARSED}found '(', expected: identifier`],
  ['a>x', `${UNPARSED}values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`],
  ['-a=b', `${UNPARSED}<nil>: Invalid value: "-a": name part must consist of`],
  ['a=-b', `${UNPARSED}values[0][a]: Invalid value: "-b": ${LABEL}`],
  ['a in (-c,-b)', `${UNPARSED}[values[0][a]: Invalid value: "-b": ${LABEL}`],
] as const) {
  test(`label selector "${text}" is refused`, (t) => {
    const error = t.throws(() => parseLabelSelector(text));
    t.is(error.message.slice(0, message.length), message);
  });
}

test('in an integer query only decimal integers count, to the last digit', (t) => {
  const above = parseLabelSelector('n>9007199254740992');
  t.deepEqual(['9007199254740993', '9007199254740992', '0xfffffffffffff', '1e30', '9223372036854775808'].map((n) => above({ n })), [true, false, false, false, false]);
});

test('selector objects', (t) => {
  t.false(labelSelectorPredicate(undefined)(labels));
  t.true(labelSelectorPredicate({})(labels));
  t.true(labelSelectorPredicate({ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['front'] }, { key: 'x', operator: 'DoesNotExist' }] })(labels));
  t.false(labelSelectorPredicate({ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] })(labels));
  t.false(labelsPredicate({})(labels));
  t.false(parseLabelSelector('constructor')({}));
});

test('field selectors', (t) => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' }, spec: { nodeName: 'node-1' }, status: { phase: 'Running' } } as KubeObject;
  t.true(fieldPredicate(PODS, 'spec.nodeName=node-1,status.phase!=Failed,metadata.namespace=n')(pod));
  t.true(fieldPredicate(PODS, 'spec.host=node-1')(pod));
  t.false(fieldPredicate(PODS, 'spec.nodeName=')(pod));
  t.true(fieldPredicate(JOBS, 'status.successful=0')(pod));
  t.deepEqual(parseFieldSelector(String.raw`a=b\,c,d!=\\`), [{ path: 'a', operator: '=', value: 'b,c' }, { path: 'd', operator: '!=', value: '\\' }]);
  t.deepEqual(parseFieldSelector(String.raw`,x=a||y\=b,k=\\,`), [{ path: 'k', operator: '=', value: '\\' }, { path: 'x', operator: '=', value: 'a||y=b' }]);
  t.deepEqual(parseFieldSelector('=,a=b'), [{ path: 'a', operator: '=', value: 'b' }]);
  t.throws(() => fieldPredicate(CONFIG_MAPS, 'data.x=1'), { message: '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"' });
  t.throws(() => parseFieldSelector('b=1,metadata.name'), { message: "invalid selector: 'b=1,metadata.name'; can't understand 'metadata.name'" });
  for (const text of ['x=a=b', 'x==a==b']) t.throws(() => parseFieldSelector(text), { message: 'invalid field selector: unescaped character in value: 61' });
  t.throws(() => parseFieldSelector(String.raw`k=\a\b`), { message: String.raw`invalid field selector: invalid escape sequence: \a` });
  t.throws(() => parseFieldSelector('k=\\'), { message: 'invalid field selector: invalid escape sequence: \\' });
});

const COMMON = ['metadata.name', 'metadata.namespace'];
const OBJECT = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
for (const [resource, ...fields] of [
  [resources.PODS, ...COMMON, 'spec.nodeName', 'spec.host', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'spec.hostNetwork', 'status.phase', 'status.podIP', 'status.podIPs', 'status.nominatedNodeName'],
  [resources.NODES, 'metadata.name', 'spec.unschedulable'],
  [resources.NAMESPACES, 'metadata.name', 'status.phase'],
  [resources.SECRETS, ...COMMON, 'type'],
  [resources.SERVICES, ...COMMON, 'spec.clusterIP', 'spec.type'],
  [resources.REPLICATION_CONTROLLERS, ...COMMON, 'status.replicas'],
  [resources.EVENTS, ...COMMON, ...OBJECT.map((f) => `involvedObject.${f}`), 'reason', 'reportingComponent', 'source', 'type'],
  [resources.EVENTS_V1, ...COMMON, ...OBJECT.map((f) => `regarding.${f}`), 'reason', 'reportingController', 'type'],
  [resources.JOBS, ...COMMON, 'status.successful'],
  [resources.CERTIFICATE_SIGNING_REQUESTS, 'metadata.name', 'spec.signerName'],
  [resources.RESOURCE_SLICES, 'metadata.name', 'spec.nodeName', 'spec.driver'],
  [resources.DEPLOYMENTS, ...COMMON], [resources.PERSISTENT_VOLUMES, ...COMMON], [resources.LEASES, ...COMMON],
] as readonly (readonly [ResourceType, ...string[]])[]) {
  test(`${resource.plural} (${resource.group}) are selected by ${fields.length} fields, and no other`, (t) => {
    for (const field of fields) t.notThrows(() => fieldPredicate(resource, `${field}=x`), field);
    for (const field of ['spec', 'status.phase.x', ...COMMON, 'spec.nodeName'].filter((f) => !fields.includes(f))) t.throws(() => fieldPredicate(resource, `${field}=x`), { message: /not supported|not a known field selector/ }, field);
  });
}
