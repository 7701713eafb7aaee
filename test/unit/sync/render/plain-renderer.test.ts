import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { plainRenderer } from '#sync/render/plain-renderer.ts';

const render = (text: string | Buffer, path = 'app/web.yaml') => plainRenderer.render({ path, content: Buffer.from(text) });
const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n';

test('a stream of documents gives its objects with the lines at which they start', (t) => {
  const { objects, errors } = render(`# header\n---\n${CONFIG}---\n# nothing\n---\n\n${CONFIG.replace('settings', 'other')}`);
  t.deepEqual(errors, []);
  t.deepEqual(objects.map((o) => [o.object.metadata.name, o.line]), [['settings', 3], ['other', 11]]);
});

test('a text at the end of a document ends with a line break, as kubectl reads it, also where the file does not', (t) => {
  const { objects } = render(`${CONFIG}data:\n  a: |\n    x\n---\n${CONFIG}data:\n  a: |\n    x`);
  t.deepEqual(objects.map(({ object }) => (object as KubeObject & { readonly data?: unknown }).data), [{ a: 'x\n' }, { a: 'x\n' }]);
});

test('items of a List are objects of their own, with their own lines', (t) => {
  const { objects, errors } = render('apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: b\n');
  t.deepEqual(errors, []);
  t.deepEqual(objects.map((o) => [o.object.metadata.name, o.line, o.lineOf('metadata.name')]), [['a', 4, 6], ['b', 7, 10]]);
});

test('items of a typed list are of its kind, unless they say another one', (t) => {
  const { objects, errors } = render('apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n');
  t.deepEqual(errors, []);
  t.deepEqual(objects.map(({ object: { apiVersion, kind, metadata } }) => [apiVersion, kind, metadata.name]), [['v1', 'ConfigMap', 'a'], ['v1', 'Secret', 'b']]);
});

for (const [name, is] of [['y', 'boolean true'], ['1e3', 'number 1000']] as const) {
  test(`a name that YAML takes for something else is refused with what it takes it for: ${name}`, (t) => {
    t.is(render(CONFIG.replace('settings', name)).errors[0]?.message, `metadata.name: Invalid value: must be a string; without quotes it is the ${is}`);
  });
}

test('scalars are read as kubectl reads them', (t) => {
  const { objects } = render(`${CONFIG}data:\n  mode: 0777\n  on: yes\n`);
  t.deepEqual(objects[0]?.object as unknown, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { mode: 511, true: true } });
});

const broken: readonly { readonly name: string; readonly text: string | Buffer; readonly reason: string; readonly line?: number; readonly path?: string }[] = [
  { name: 'a mapping that is indented wrongly', text: `${CONFIG}---\nkind: ConfigMap\n  metadata: x\n`, reason: 'InvalidYAML', line: 7 },
  { name: 'an open bracket', text: `${CONFIG}data: [a\n`, reason: 'InvalidYAML', line: 5 },
  { name: 'JSON that ends too soon', text: '{\n "kind": "A",\n}', path: 'a.json', reason: 'InvalidJSON', line: 3 },
  { name: 'a field that stands twice', text: `${CONFIG}data:\n  a: b\n  a: c\n`, reason: 'InvalidYAML', line: 7 },
  { name: 'no kind', text: 'apiVersion: v1\nmetadata: {name: a}\n', reason: 'InvalidObject', line: 1 },
  { name: 'no name', text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {}\n', reason: 'InvalidObject', line: 3 },
  { name: 'a document that is a text', text: 'hello world\n', reason: 'InvalidObject', line: 1 },
  { name: 'UTF-16', text: Buffer.from('\uFEFFkind: A', 'utf16le'), reason: 'UnsupportedEncoding' },
  { name: 'Latin-1', text: Buffer.from([0x61, 0xe9, 0x0a]), reason: 'UnsupportedEncoding' },
  { name: 'binary content', text: Buffer.from([0x50, 0x4b, 0, 1]), reason: 'BinaryFile' },
  { name: 'a file that is too large', text: Buffer.alloc(9 * 1024 * 1024, 0x20), reason: 'FileTooLarge' },
  { name: 'a Git LFS pointer', text: 'version https://git-lfs.github.com/spec/v1\noid sha256:00\n', reason: 'LFSPointer' },
];
for (const { name, text, reason, line, path } of broken) {
  test(`refused with its place: ${name}`, (t) => {
    const { errors } = render(text, path);
    t.is(errors.length, 1, JSON.stringify(errors));
    t.is(errors[0]?.reason, reason);
    t.is(errors[0]?.line, line);
    t.is(errors[0]?.path, path ?? 'app/web.yaml');
  });
}

test('an alias bomb is refused', (t) => {
  const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(',')}]`);
  const { errors, objects } = render(`${CONFIG}l0: &l0 [x,x,x,x,x,x,x,x,x]\n${levels.join('\n')}\n`);
  t.is(objects.length, 0);
  t.is(errors[0]?.reason, 'InvalidYAML');
});

test('the line of an invalid field, of an unknown one and of a missing one', (t) => {
  const text = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: -1\n  foo: 1\n  template:\n    spec:\n      containers:\n      - name: a\n      - name: b\n        image: x\n';
  const [web] = render(`${CONFIG}---\n${text}`).objects;
  t.is(web?.object.kind, 'ConfigMap');
  const deployment = render(`${CONFIG}---\n${text}`).objects[1];
  const lines = (['spec.replicas', 'spec.foo', 'spec.template.spec.containers[1].image', 'spec.template.spec.containers[0].image'] as const).map((f) => deployment?.lineOf(f));
  t.deepEqual(lines, [11, 12, 18, 16]);
});

test('only manifests are inputs', (t) => {
  const paths = ['a.yaml', 'x/b.yml', 'c.json', 'README.md', '.hidden.yaml', '.github/w.yaml', 'readme.yaml', 'images/web.yaml', 'notes.txt', 'x/images/ok.yaml'];
  t.deepEqual(paths.filter((p) => plainRenderer.accepts(p)), ['a.yaml', 'x/b.yml', 'c.json', 'x/images/ok.yaml']);
});
