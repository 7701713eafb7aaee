import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'ava';
import { FOLDERS, PACKAGES } from './import-table.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Import { readonly file: string; readonly folder: string; readonly specifier: string; readonly target: string | undefined; readonly isTypeOnly: boolean }

const sources = ['src', 'agents'].flatMap((dir) =>
  readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts')).map((f) => join(dir, f)),
);
const packageOf = (specifier: string): string => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
const folderOf = (file: string): string => (file.startsWith('agents/') ? 'agents' : (file.split('/')[1] ?? ''));

function resolveImport(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return relative(ROOT, join(ROOT, dirname(file), specifier));
  if (specifier.startsWith('#agents/')) return specifier.slice(1);
  return specifier.startsWith('#') ? `src/${specifier.slice(1)}` : undefined;
}

const imports: readonly Import[] = sources.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g);
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
    const name = packageOf(specifier);
    return PACKAGES[name]?.includes(folder) ? [] : [`${file}: package ${name} is not for ${folder}`];
  });
  t.deepEqual(wrong, []);
});

/** Packages that are run, not imported: the Node that runs everything, and what joins the sources for it. */
const PROGRAMS: ReadonlySet<string> = new Set(['node', 'esbuild']);

test('the table allows no package to a folder that does not import it, and every dependency is imported', (t) => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly dependencies: Readonly<Record<string, string>> };
  const external = imports.filter((i) => i.target === undefined && !i.specifier.startsWith('node:'));
  const allowed = Object.entries(PACKAGES).flatMap(([name, folders]) => folders.map((folder) => `${name} in ${folder}`));
  t.deepEqual(allowed.toSorted(), [...new Set(external.map((i) => `${packageOf(i.specifier)} in ${i.folder}`))].toSorted());
  t.deepEqual(Object.keys(PACKAGES).toSorted(), Object.keys(dependencies).filter((name) => !PROGRAMS.has(name)).toSorted());
});

test('ARCHITECTURE.md shows the table as it is', (t) => {
  const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rows = page.slice(page.indexOf('| folder | may import |')).split('\n\n')[0]?.split('\n').slice(2) ?? [];
  const shown = rows.flatMap((row) => {
    const [names = '', cell = ''] = row.split('|').slice(1);
    const words = (cell.split(';')[0] ?? '').replaceAll(/the |'s interface/g, '').split(':')[0]?.split(',').map((word) => word.trim()) ?? [];
    return names.split(',').map((name): [string, readonly string[]] => {
      const folder = name.trim().replace('/x', '');
      return [folder, words[0] === 'all' ? Object.keys(FOLDERS).filter((other) => other !== folder) : words[0] === 'nothing' ? [] : words];
    });
  });
  const sorted = (table: Iterable<readonly [string, readonly string[]]>) => [...table].map(([name, list]) => `${name}: ${list.toSorted().join(', ')}`).toSorted();
  t.deepEqual(sorted(shown), sorted(Object.entries(FOLDERS).map(([name, rule]) => [name, rule.imports] as const)));
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
