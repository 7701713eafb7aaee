import test from 'ava';
import type { Container, Pod, PodSpec } from '#api/generated/core/v1.ts';
import { dns1123Label, generateName, portName, qualifiedName } from '#api/names.ts';
import { isPodReady, podRequests, templateHash } from '#api/pods.ts';

const container = (name: string, cpu: string, more: Partial<Container> = {}): Container => ({ name, resources: { requests: { cpu, memory: '1Mi' } }, ...more });
const requests = (spec: Partial<PodSpec>): unknown => podRequests({ spec: { containers: [], ...spec } });

test('requests: containers and sidecars add up, the largest init container counts beside the sidecars before it', (t) => {
  const containers = [container('a', '100m'), container('b', '1')];
  t.deepEqual(requests({ containers }), { cpu: 1100, memory: 2097152 });
  t.deepEqual(requests({ containers, initContainers: [container('i', '3')] }), { cpu: 3000, memory: 2097152 });
  t.deepEqual(requests({ containers, initContainers: [container('s', '500m', { restartPolicy: 'Always' }), container('i', '3')] }), { cpu: 3500, memory: 3145728 });
  t.deepEqual(requests({ containers, overhead: { cpu: '50m' } }), { cpu: 1150, memory: 2097152 });
});

test('a template hash ignores the order of fields and changes with the content', (t) => {
  const hash = templateHash({ metadata: { name: '', labels: { a: '1', b: '2' } }, spec: { containers: [] } });
  t.is(templateHash({ spec: { containers: [] }, metadata: { labels: { b: '2', a: '1' }, name: '' } }), hash);
  t.not(templateHash({ metadata: { name: '', labels: { a: '1', b: '3' } }, spec: { containers: [] } }), hash);
  t.regex(hash, /^[bcdfghjklmnpqrstvwxz2-9]{1,10}$/);
});

test('readiness is the Ready condition', (t) => {
  const pod = (status: string): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [] }, status: { conditions: [{ type: 'Ready', status }] } });
  t.true(isPodReady(pod('True')));
  t.false(isPodReady(pod('False')));
});

test('names', (t) => {
  t.deepEqual(dns1123Label('a-1'), []);
  t.is(dns1123Label('A').length, 1);
  t.is(dns1123Label('a'.repeat(64)).length, 1);
  t.deepEqual(qualifiedName('example.com/Name_1'), []);
  t.true(qualifiedName('/x').length > 0);
  t.deepEqual(portName('http'), []);
  t.true(portName('80').length > 0);
  t.is(generateName('a'.repeat(70), 'bcdfg').length, 63);
});
