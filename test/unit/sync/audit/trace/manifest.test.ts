import test from 'ava';
import type { Step } from '#sync/audit/ownership.ts';
import { follow, readManifests, says } from '#sync/audit/trace/manifest.ts';

const TEXT = `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  ports:
  - port: 80
  - port: 443
    protocol: TCP
  clusterIPs: [a, b]
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: inner
`;

test('documents and the items of lists are objects', (t) => {
  t.deepEqual(readManifests('f.yaml', TEXT).map(({ kind, name, root }) => `${kind} ${name} ${root.first}`), ['Service web 1', 'ConfigMap inner 14']);
  t.deepEqual(readManifests('f.yaml', TEXT, 'ConfigMap').map(({ kind }) => kind), ['ConfigMap']);
  t.deepEqual(readManifests('f.json', '{"kind": "ConfigMap",\n"metadata": {"name": "x"}}').map(({ name }) => name), ['x']);
});

const port = (number: number, index: number): Step => ({ index, keys: { port: number, protocol: 'TCP' } });
for (const { path, line } of [
  { path: ['spec', 'ports', port(443, 0), 'port'], line: 7 },
  { path: ['spec', 'ports', port(80, 1), 'port'], line: 6 },
  { path: ['spec', 'ports', port(80, 1), 'protocol'], line: undefined },
  { path: ['spec', 'clusterIPs', { index: 1 }], line: 9 },
  { path: ['spec', 'other'], line: undefined },
] satisfies readonly { path: readonly Step[]; line: number | undefined }[]) {
  test(`${JSON.stringify(path)} is at ${line ?? 'no line'}`, (t) => {
    const [manifest] = readManifests('f.yaml', TEXT);
    t.is(manifest && follow(manifest.root, path).node?.first, line);
  });
}

test('a scalar says a value that is written the same; maps and lists are there or not', (t) => {
  const [manifest] = readManifests('f.yaml', 'kind: X\na: 1\nb: {c: d}\n');
  const node = (name: string) => follow(manifest?.root as never, [name]).node as never;
  t.true(says(node('a'), 1));
  t.true(says(node('a'), '1'));
  t.false(says(node('a'), 2));
  t.true(says(node('b'), { other: true }));
  t.false(says(node('a'), {}));
});
