import test from 'ava';
import { findPaths } from '#sync/generators/tree-paths.ts';
import { memoryTree } from './memory-tree.ts';

const FILES = { 'apps/web/a.yaml': '', 'apps/web/base/b.yaml': '', 'apps/api/a.yaml': '', 'apps/.cache/a.yaml': '', 'apps/top.yaml': '', 'infra/dns/a.yaml': '', 'README.md': '' };

for (const { kind, patterns, paths } of [
  { kind: 'folder', patterns: ['apps/*'], paths: ['apps/api', 'apps/web'] },
  { kind: 'folder', patterns: ['*'], paths: ['apps', 'infra'] },
  { kind: 'folder', patterns: ['./apps/w?b/'], paths: ['apps/web'] },
  { kind: 'folder', patterns: ['apps/.*'], paths: ['apps/.cache'] },
  { kind: 'folder', patterns: ['**/base'], paths: ['apps/web/base'] },
  { kind: 'folder', patterns: ['apps/**'], paths: ['apps/api', 'apps/web', 'apps/web/base'] },
  { kind: 'folder', patterns: ['apps/*', 'infra/*', '!apps/a*'], paths: ['apps/web', 'infra/dns'] },
  { kind: 'folder', patterns: ['apps/**', '!**/base'], paths: ['apps/api', 'apps/web'] },
  { kind: 'folder', patterns: ['apps/*', 'apps/web'], paths: ['apps/api', 'apps/web'] },
  { kind: 'folder', patterns: ['missing/*'], paths: [] },
  { kind: 'file', patterns: ['apps/*'], paths: ['apps/top.yaml'] },
  { kind: 'file', patterns: ['apps/**/*.yaml', '!**/base/**'], paths: ['apps/api/a.yaml', 'apps/top.yaml', 'apps/web/a.yaml'] },
  { kind: 'file', patterns: ['**/a.yaml'], paths: ['apps/api/a.yaml', 'apps/web/a.yaml', 'infra/dns/a.yaml'] },
] as const) {
  test(`${kind}s by ${patterns.join(' ')}`, async (t) => {
    const found = await findPaths({ reader: memoryTree(FILES), root: '', kind, patterns });
    t.deepEqual(found.map(({ path }) => path), paths);
  });
}

test('folders into which no pattern leads are not read', async (t) => {
  const reader = memoryTree(FILES);
  await findPaths({ reader, root: '', kind: 'folder', patterns: ['apps/*'] });
  t.deepEqual(reader.read, ['', 'apps']);
});
