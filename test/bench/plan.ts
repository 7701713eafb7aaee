import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestRepository } from '../support/git-repository.ts';

/** `node test/bench/plan.ts`: a change of one file of 200 applications of 50 manifests each, planned by the program; against git's own look at the same change. */
const APPLICATIONS = Number(process.env['HEADWAY_BENCH_APPLICATIONS'] ?? 200);
const MANIFESTS = 50;
const ROUNDS = 7;

const directory = mkdtempSync(join(tmpdir(), 'headway-bench-plan-'));
try {
  const { write, git, commit } = createTestRepository(directory);
  for (let i = 0; i < APPLICATIONS; i++) {
    write(`root/app-${i}.yaml`, `apiVersion: headway.dev/v1\nkind: Application\nmetadata: {name: app-${i}, namespace: headway-system}\nspec: {repository: root, path: apps/app-${i}, destinationNamespace: ns-${i}}\n`);
    write(`apps/app-${i}/namespace.yaml`, `apiVersion: v1\nkind: Namespace\nmetadata: {name: ns-${i}}\n`);
    for (let j = 1; j < MANIFESTS; j++) write(`apps/app-${i}/web-${j}.yaml`, deployment(j, '1'));
  }
  commit('base');
  git('checkout', '--quiet', '-b', 'change');
  write('apps/app-7/web-7.yaml', deployment(7, '2'));
  commit('change');
  git('gc', '--quiet');
  const program = join(import.meta.dirname, '../../src/cli/main.ts');
  const node = (...args: readonly string[]): void => void execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_COMPILE_CACHE: join(directory, '.git', 'cache') } });
  const start = median(() => node('--version'));
  const plan = median(() => node('plan', '--repo', directory, '--path', 'root', '--base', 'main', '--head', 'change'));
  const floor = median(() => void git('diff', '--stat', 'main', 'change'));
  process.stdout.write(`${APPLICATIONS} applications of ${MANIFESTS} manifests, one file changed (median of ${ROUNDS})\nheadway plan ${plan.toFixed(0)} ms, of which the program's start ${start.toFixed(0)} ms; git diff ${floor.toFixed(0)} ms\n`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function deployment(index: number, version: string): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-${index}}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: web-${index}}}\n  template:\n    metadata: {labels: {app: web-${index}}}\n    spec:\n      containers:\n        - {name: web, image: 'example.org/web:${version}'}\n`;
}

function median(work: () => void): number {
  work();
  const times = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}
