import test from 'ava';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { apiRequest } from '#test/support/api-request.ts';
import { startControlPlane, type ControlPlane } from '#test/support/control-plane.ts';

const run = promisify(execFile);
let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const kubectl = async (...args: readonly string[]): Promise<string> =>
  (await run('kubectl', ['--kubeconfig', plane.kubeconfig, '--cache-dir', join(plane.directory, 'cache'), ...args])).stdout;

test('kubectl reads the document of all kinds in protobuf', async (t) => {
  t.regex(await kubectl('explain', '--output=plaintext-openapiv2', 'deployment.spec.template.spec.containers'), /FIELD:\s+containers <\[\]Object>|RESOURCE:\s+containers <\[\]Object>/);
  t.regex(await kubectl('explain', 'pod.spec.containers.resources'), /limits\s+<map\[string\]Quantity>/);
});

test('a document under its hash is kept for ever, and an old hash leads to the present one', async (t) => {
  const accept = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';
  const index = JSON.parse((await apiRequest(plane, '/openapi/v3')).body.toString()) as { readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>> };
  const url = index.paths['apis/apps/v1']?.serverRelativeURL ?? '';
  const document = await apiRequest(plane, url, { headers: { accept, 'accept-encoding': 'gzip' } });
  t.is(document.headers['content-type'], 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf');
  t.is(document.headers['cache-control'], 'public, immutable');
  t.is((await apiRequest(plane, url, { headers: { accept, 'if-none-match': String(document.headers.etag) } })).status, 304);
  const old = await apiRequest(plane, '/openapi/v3/apis/apps/v1?hash=OLD', { headers: { accept } });
  t.deepEqual([old.status, old.headers.location], [301, url]);
  t.is(old.headers.vary, 'Accept');
  const refused = await apiRequest(plane, url, { headers: { accept: 'text/html' } });
  t.deepEqual([refused.status, refused.body.length, refused.headers['content-type'], refused.headers.vary], [406, 0, undefined, 'Accept']);
});

test('large documents are compressed', async (t) => {
  const answer = await apiRequest(plane, '/openapi/v2', { headers: { accept: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf', 'accept-encoding': 'gzip' } });
  t.is(answer.headers['content-encoding'], 'gzip');
});
