import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { SourceError } from '#sync/errors.ts';
import { unpackChart } from '#sync/source/chart/chart-archive.ts';

const ASKED = { chart: 'web', version: '1.0.0' };
const CHART = { 'web/Chart.yaml': 'name: web\nversion: 1.0.0\n' };

/** What tar(1) makes of files, and of a directory where the content is null. */
function pack(t: ExecutionContext, files: Readonly<Record<string, string | null>>, ...options: readonly string[]): Buffer {
  const root = mkdtempSync(join(tmpdir(), 'headway-tar-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(content === null ? join(root, path) : dirname(join(root, path)), { recursive: true });
    if (content !== null) writeFileSync(join(root, path), content);
  }
  if (options.includes('--link')) symlinkSync('/etc/passwd', join(root, 'web/link'));
  return execFileSync('tar', ['-cz', '-C', root, ...options.filter((option) => option !== '--link'), ...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))], { maxBuffer: 2 ** 28 });
}

const refused = async (t: ExecutionContext, archive: Buffer): Promise<string> => {
  const error = await t.throwsAsync(unpackChart(archive, ASKED), { instanceOf: SourceError });
  t.is(error?.data.reason, 'InvalidChart');
  return error?.message ?? '';
};

const LONG = `web/${'folder/'.repeat(30)}a.yaml`;
for (const format of ['gnu', 'pax', 'ustar'] as const) {
  test(`files of an archive in format ${format}, with long names and folders`, async (t) => {
    const files = await unpackChart(pack(t, { ...CHART, 'web/empty': null, 'web/templates/ü "a".yaml': 'a: 1\n', ...(format === 'ustar' ? {} : { [LONG]: 'long' }), 'web/large': 'x'.repeat(100_000), 'web/none': '' }, `--format=${format}`), ASKED);
    const found = Object.fromEntries(files.map(({ path, content }) => [path, content.toString()]));
    t.is(found['templates/ü "a".yaml'], 'a: 1\n');
    t.is(found['large']?.length, 100_000);
    t.is(found['none'], '');
    if (format !== 'ustar') t.is(found[LONG.slice('web/'.length)], 'long');
    t.is(files.length, format === 'ustar' ? 4 : 5);
  });
}

for (const [what, make, message] of [
  ['that is no archive', () => Buffer.from('<html>'), /cannot be unpacked/],
  ['that is empty', () => gzipSync(Buffer.alloc(1024)), /has no Chart\.yaml/],
  ['that unpacks to too much', () => gzipSync(Buffer.alloc(101 * 2 ** 20)), /cannot be unpacked/],
  ['with a damaged header', (t: ExecutionContext) => gzipSync(gunzipSync(pack(t, CHART)).fill('x', 148, 156)), /cannot be unpacked/],
  ['that ends too soon', (t: ExecutionContext) => gzipSync(gunzipSync(pack(t, { 'web/large': 'x'.repeat(10_000) })).subarray(0, 3_000)), /cannot be unpacked/],
  ['of another chart', (t: ExecutionContext) => pack(t, { 'web/Chart.yaml': 'name: db\nversion: 1.0.0\n' }), /holds "db" "1\.0\.0"/],
  ['of another version', (t: ExecutionContext) => pack(t, { 'web/Chart.yaml': 'name: web\nversion: 2.0.0\n' }), /holds "web" "2\.0\.0"/],
  ['with a link', (t: ExecutionContext) => pack(t, CHART, '--link'), /has "web\/link", which is no file/],
  ['with a path that leads out', (t: ExecutionContext) => pack(t, { ...CHART, 'web/out': 'x' }, '--transform', 's,web/out,web/../../out,'), /has "web\/\.\.\/\.\.\/out", which is no place in a chart/],
  ['with a path from the root', (t: ExecutionContext) => pack(t, { ...CHART, 'web/out': 'x' }, '-P', '--transform', 's,web/out,/etc/out,'), /has "\/etc\/out"/],
  ['with a file beside the chart', (t: ExecutionContext) => pack(t, { ...CHART, out: 'x' }), /has "out"/],
] as const) {
  test(`an archive ${what} is refused`, async (t) => t.regex(await refused(t, make(t)), message));
}
