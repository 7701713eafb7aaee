import test from 'ava';
import { CONFIG_MAPS } from '#api/resources.ts';
import { StatusError } from '#api/status-error.ts';
import type { StatusReason } from '#api/status-error.ts';
import { desiredObject } from '#sync/apply/desired-object.ts';
import { refusalsOf } from '#sync/apply/refusals.ts';
import { plainRenderer } from '#sync/render/plain-renderer.ts';
import { Scheme } from '#api/scheme.ts';

const TEXT = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: 1\nextra: x\n';
const context = { scheme: new Scheme([CONFIG_MAPS]), label: 'ns.app', destinationNamespace: 'default' };

function settings() {
  const [rendered] = plainRenderer.render({ path: 'apps/a.yaml', content: Buffer.from(TEXT) }).objects;
  if (!rendered) throw new Error('nothing rendered');
  const desired = desiredObject(rendered, { commit: 'c1', author: 'Ada <ada@example.org>' }, context);
  if (!('identity' in desired)) throw new Error(desired.message);
  return desired;
}
const refused = (reason: StatusReason, message: string, causes?: readonly { field: string; message: string }[]) =>
  refusalsOf(settings(), new StatusError(reason, message, causes ? { details: { causes } } : {}).data.status).map(({ path, line, reason: why, message: text, object }) => ({ path, line, why, text, object }));

test('each cause of an Invalid is an error at the line of its field', (t) => {
  t.deepEqual(refused('Invalid', 'is invalid', [{ field: 'data[a]', message: 'Invalid value: 1' }, { field: 'metadata.name', message: 'Required value' }]), [
    { path: 'apps/a.yaml', line: 6, why: 'InvalidObject', text: 'data[a]: Invalid value: 1', object: 'ConfigMap default/settings' },
    { path: 'apps/a.yaml', line: 4, why: 'InvalidObject', text: 'metadata.name: Required value', object: 'ConfigMap default/settings' },
  ]);
});

test('an unknown field and a value of the wrong type are found in the message', (t) => {
  t.like(refused('BadRequest', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "extra"')[0], { line: 7, why: 'InvalidObject', text: 'unknown field "extra"' });
  t.like(refused('BadRequest', 'json: cannot unmarshal number into Go struct field ConfigMap.data of type string')[0], { line: 5, why: 'InvalidObject' });
});

test('what is no fault of the manifest is told with the object itself', (t) => {
  t.like(refused('Forbidden', 'configmaps is forbidden')[0], { line: 1, why: 'Forbidden' });
  t.like(refused('NotFound', 'namespaces "x" not found')[0], { line: 1, why: 'ApplyFailed' });
});

test('objects carry their source, their application and a namespace', (t) => {
  t.deepEqual(settings().object.metadata, {
    name: 'settings', namespace: 'default', labels: { 'headway.dev/application': 'ns.app' },
    annotations: { 'headway.dev/commit': 'c1', 'headway.dev/path': 'apps/a.yaml', 'headway.dev/author': 'Ada <ada@example.org>' },
  });
});
