/**
 * `node test/bench/start.ts [--runs 5]`, as root: how long `headway up` takes to each milestone, from an empty data directory and with
 * the data of the run before; then commit to Ready and the resident memory at rest. Prints medians, with minimum and maximum.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { residentMegabytes } from '#cli/status.ts';
import { isReady, waitForWeb } from '#test/support/demo.ts';
import { ROOT, TestHeadway } from '#test/support/headway.ts';
import { waitFor } from '#test/support/wait.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const runs = Number(values.runs);
const MILESTONES = { 'API ready': /✔ API server/, 'node Ready': /✔ node /, 'demo Ready': /✔ applications/ } as const;
const PARTS = ['headway', 'control-plane', 'agent', 'redis', 'containerd'] as const;
const headway = new TestHeadway({ port: 29_443 });
const samples = new Map<string, number[]>();
const record = (name: string, value: number): void => void samples.set(name, [...(samples.get(name) ?? []), value]);

/** Starts Headway and measures from the spawn until each milestone is printed. */
async function measureStart(prefix: string): Promise<() => Promise<void>> {
  const started = performance.now();
  const args = ['up', '--repo', headway.repository.directory, '--path', 'clusters/demo', '--data-dir', headway.dataDir, '--port', '29443', '--agent-port', '29444'];
  const child = spawn(join(ROOT, 'bin/headway'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const seen = new Set<string>();
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    for (const [name, pattern] of Object.entries(MILESTONES)) {
      if (seen.has(name) || !pattern.test(output)) continue;
      seen.add(name);
      record(`${prefix}: ${name} (s)`, (performance.now() - started) / 1000);
    }
  });
  await waitFor(() => output.includes('Try:'), { what: 'the closing table', timeoutMs: 60_000 });
  return async () => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await exited;
  };
}

async function measureCommits(): Promise<void> {
  for (let i = 0; i < runs; i++) {
    const value = `v${i}`;
    headway.repository.edit('clusters/demo/web.yaml', /(name: VERSION\n\s+value: ).*/, `$1"${value}"`);
    headway.repository.commit(value);
    const started = performance.now();
    await waitForWeb(headway, (pods) => pods.length === 2 && pods.every((p) => isReady(p) && p.spec.containers[0]?.env?.some((e) => e.value === value)), value);
    record('commit to both pods replaced and Ready (s)', (performance.now() - started) / 1000);
  }
}

/** What a part holds once start-up is over. */
const SETTLE_MS = 20_000;

try {
  for (let i = 0; i < runs; i++) {
    await (await measureStart('empty data'))();
    const stop = await measureStart('data kept');
    if (i === runs - 1) {
      await measureCommits();
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      for (const part of PARTS) record(`resident at rest: ${part} (MB)`, residentMegabytes(headway.pid(part)));
    }
    await stop();
    if (i < runs - 1) {
      await headway.headway('reset');
      rmSync(headway.dataDir, { recursive: true, force: true });
    }
  }
  for (const [name, list] of samples) {
    const sorted = list.toSorted((a, b) => a - b);
    const text = (value: number | undefined): string => (value ?? 0).toFixed(name.endsWith('(MB)') ? 0 : 2);
    process.stdout.write(`${name.padEnd(48)} median ${text(sorted[Math.floor(sorted.length / 2)])}  min ${text(sorted[0])}  max ${text(sorted.at(-1))}  n ${sorted.length}\n`);
  }
} finally {
  await headway.cleanUp();
}
