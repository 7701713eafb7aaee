/** Rendering of one small unit, and of the same again: `node test/bench/render.ts`. The floor is the tool by itself. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { RenderSpec } from '#api/headway/v1/types.ts';
import { isUnchanged } from '#sync/render/unit/unit-tree.ts';
import { GITOPS, sharedTools, startRenderBench } from '#test/support/render-bench.ts';

const ROUNDS = 20;
const UNITS = { Kustomize: { path: 'overlays/prod', tool: 'kubectl', args: ['kustomize', join(GITOPS, 'overlays/prod')] }, Helm: { path: 'hooked', tool: 'helm', args: ['template', 'shop', join(GITOPS, 'hooked')] } } as const;

const teardowns: (() => unknown)[] = [];
const { tools, dispose } = await sharedTools();
const bench = await startRenderBench({ teardown: (run: () => unknown) => void teardowns.push(run) }, tools);

async function median(run: (round: number) => unknown): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await run(round);
    times.push(performance.now() - started);
  }
  return `${times.sort((a, b) => a - b)[ROUNDS / 2]?.toFixed(1)} ms`;
}

/** Differs each time, so that the cache has nothing. */
const specOf = (type: keyof typeof UNITS, round: number): RenderSpec => (type === 'Helm' ? { helm: { values: { round } } } : { kustomize: { nameSuffix: `-${round}` } });

for (const type of ['Kustomize', 'Helm'] as const) {
  const { path, tool, args } = UNITS[type];
  const program = (await tools.find(tool))?.program ?? tool;
  const { lookups } = await bench.render(type, path);
  const root = await bench.rootTree();
  console.log(type);
  console.log('  the tool by itself', await median(() => execFileSync(program, args, { stdio: 'pipe' })));
  console.log('  rendered          ', await median((round) => bench.render(type, path, { spec: specOf(type, round) })));
  console.log('  from the cache    ', await median(() => bench.render(type, path)));
  console.log('  no input changed  ', await median(() => isUnchanged(lookups, bench.git, root)));
}
for (const run of teardowns) await run();
await dispose();
