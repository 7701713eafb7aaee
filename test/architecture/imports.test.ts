import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'ava';
import { FOLDERS, PACKAGES } from './import-table.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Import { readonly file: string; readonly folder: string; readonly specifier: string; readonly target: string | undefined; readonly isTypeOnly: boolean }

const sources = ['src', 'agents'].flatMap((dir) =>
  readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts')).map((f) => join(dir, f)),
);
const folderOf = (file: string): string => (file.startsWith('agents/') ? 'agents' : (file.split('/')[1] ?? ''));

function resolveImport(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return relative(ROOT, join(ROOT, dirname(file), specifier));
  if (specifier.startsWith('#agents/')) return specifier.slice(1);
  return specifier.startsWith('#') ? `src/${specifier.slice(1)}` : undefined;
}

const imports: readonly Import[] = sources.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g);
  return [...found].map((m) => {
    const specifier = m[2] ?? m[3] ?? '';
    return { file, folder: folderOf(file), specifier, target: resolveImport(file, specifier), isTypeOnly: m[1] !== undefined };
  });
});

test('every folder imports only what the table allows', (t) => {
  const wrong = imports.flatMap(({ file, folder, target }) => {
    if (target === undefined) return [];
    const to = folderOf(target);
    if (to === folder) return [];
    const rule = FOLDERS[folder];
    if (!rule) return [`${file}: folder ${folder} has no row in the table`];
    if (!rule.imports.includes(to)) return [`${file}: ${folder} may not import ${to} (${target})`];
    const only = rule.only?.[to];
    const inside = target.split('/').slice(2).join('/');
    return only && !only.some((prefix) => inside.startsWith(prefix)) ? [`${file}: ${folder} may import only ${only.join(', ')} of ${to}, not ${inside}`] : [];
  });
  t.deepEqual(wrong, []);
});

test('a controller never imports a sibling', (t) => {
  const wrong = imports.filter(({ file, target }) => {
    const from = /^src\/controllers\/([^/]+)\//.exec(file)?.[1];
    const to = /^src\/controllers\/([^/]+)\//.exec(target ?? '')?.[1];
    return from !== undefined && to !== undefined && from !== to;
  });
  t.deepEqual(wrong.map((i) => `${i.file}: ${i.specifier}`), []);
});

test('external packages are used only where the table allows', (t) => {
  const wrong = imports.flatMap(({ file, folder, specifier, target }) => {
    if (target !== undefined || specifier.startsWith('node:')) return [];
    const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '');
    return PACKAGES[name]?.includes(folder) ? [] : [`${file}: package ${name} is not for ${folder}`];
  });
  t.deepEqual(wrong, []);
});

test('no import cycle', (t) => {
  // Type-only imports vanish at run time and cannot make a cycle that matters.
  const edges = Map.groupBy(imports.filter((i) => !i.isTypeOnly && i.target !== undefined), (i) => i.file);
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const { target } of edges.get(file) ?? []) if (target) visit(target, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of sources) visit(file, []);
  t.deepEqual(cycles, []);
});
