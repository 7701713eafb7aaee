import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { InvalidImageFile, readImageFile } from '#agents/node/images/image-file.ts';
import { parseBody } from '#api/parse.ts';

const IMAGES = join(import.meta.dirname, '../../../../../clusters/demo/images');
const file = { path: '/a', content: 'x' };
const image = { name: 'headway.local/a:1', files: [file], config: {} };

test('the image files of the demo are valid', async (t) => {
  for (const name of await readdir(IMAGES)) {
    const { value } = parseBody(await readFile(join(IMAGES, name, 'image.yaml')), 'application/yaml');
    const recipe = await readImageFile(value);
    t.is(recipe.files.find(({ path }) => path === '/bin/busybox')?.mode, 0o755);
  }
});

const CASES: readonly { readonly name: string; readonly value: unknown; readonly field: string }[] = [
  { name: 'text instead of a map', value: 'image', field: '' },
  { name: 'an unknown field', value: { ...image, from: 'scratch' }, field: 'from' },
  { name: 'a short name', value: { ...image, name: 'demo' }, field: 'name' },
  { name: 'no files', value: { ...image, files: [] }, field: 'files' },
  { name: 'two sources', value: { ...image, files: [{ ...file, link: 'b' }] }, field: 'files[0]' },
  { name: 'a wrong mode', value: { ...image, files: [{ ...file, mode: '0755' }] }, field: 'files[0].mode' },
  { name: 'a missing host file', value: { ...image, files: [{ path: '/a', from: '/usr/bin/no-such-program' }] }, field: 'files[0].from' },
  { name: 'a file that no package owns', value: { ...image, files: [{ path: '/a', from: '/etc/shadow' }] }, field: 'files[0].from' },
  { name: 'a way around that', value: { ...image, files: [{ path: '/a', from: '/usr/../etc/shadow' }] }, field: 'files[0].from' },
  { name: 'a wrong configuration', value: { ...image, config: { Cmd: 'sh' } }, field: 'config.Cmd' },
];
for (const { name, value, field } of CASES) {
  test(`refuses ${name}`, async (t) => {
    const error = await t.throwsAsync(readImageFile(value), { instanceOf: InvalidImageFile });
    t.is(error?.data.field, field);
  });
}
