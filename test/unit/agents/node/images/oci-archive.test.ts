import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import test from 'ava';
import { type ImageRecipe, buildOciArchive } from '#agents/node/images/oci-archive.ts';

const recipe: ImageRecipe = {
  name: 'headway.local/test:1', architecture: 'amd64', config: { Cmd: ['/bin/a'] },
  files: [
    { path: '/usr/bin/tool', mode: 0o755, body: { type: 'file', content: Buffer.from('tool') } },
    { path: '/bin/a', body: { type: 'symlink', target: '../usr/bin/tool' } },
    { path: '/tmp', mode: 0o1777, body: { type: 'directory' } },
  ],
};
const untar = (archive: Buffer, ...args: readonly string[]): string => execFileSync('tar', [...args], { input: archive }).toString();
const content = (archive: Buffer, path: string): Buffer => execFileSync('tar', ['-xOf', '-', path], { input: archive });

test('the archive is a layout whose blobs are named by their digests', (t) => {
  const { archive, digest } = buildOciArchive(recipe);
  const index = JSON.parse(content(archive, 'index.json').toString()) as { manifests: [{ digest: string; annotations: Record<string, string> }] };
  t.is(index.manifests[0].digest, digest);
  t.is(index.manifests[0].annotations['io.containerd.image.name'], 'headway.local/test:1');
  const blobs = untar(archive, '-tf', '-').split('\n').filter((name) => name.startsWith('blobs/'));
  t.is(blobs.length, 3);
  for (const blob of blobs) t.is(createHash('sha256').update(content(archive, blob)).digest('hex'), blob.replace('blobs/sha256/', ''));
});

test('the layer holds the files with their modes, and the folders above them', (t) => {
  const { archive, digest } = buildOciArchive(recipe);
  const manifest = JSON.parse(content(archive, `blobs/sha256/${digest.slice(7)}`).toString()) as { layers: [{ digest: string }] };
  const listing = untar(content(archive, `blobs/sha256/${manifest.layers[0].digest.slice(7)}`), '-tvf', '-', '--numeric-owner', '--utc');
  t.deepEqual(listing.trim().split('\n').map((line) => line.replace(/\s+0\/0\s+\d+ 1970-01-01 00:00 /, ' ')), [
    'drwxr-xr-x bin/', 'lrwxrwxrwx bin/a -> ../usr/bin/tool', 'drwxrwxrwt tmp/', 'drwxr-xr-x usr/', 'drwxr-xr-x usr/bin/', '-rwxr-xr-x usr/bin/tool',
  ]);
});

test('the same files give the same digest in whatever order, other files another', (t) => {
  const { digest } = buildOciArchive(recipe);
  t.is(buildOciArchive({ ...recipe, files: recipe.files.toReversed() }).digest, digest);
  t.not(buildOciArchive({ ...recipe, files: recipe.files.slice(1) }).digest, digest);
});

for (const path of ['bin/a', '/bin/../etc/shadow', '/bin//a', `/${'a'.repeat(101)}`]) {
  test(`the path ${path.slice(0, 20)} is refused`, (t) => {
    t.throws(() => buildOciArchive({ ...recipe, files: [{ path, body: { type: 'directory' } }] }), { instanceOf: RangeError });
  });
}

test('a path that stands twice is refused', (t) => {
  const file = recipe.files[2];
  t.throws(() => buildOciArchive({ ...recipe, files: file ? [file, file] : [] }), { message: /twice/ });
});
