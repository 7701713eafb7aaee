import test from 'ava';
import type { RenderSpec, RenderType } from '#api/headway/v1/types.ts';
import { detectType } from '#sync/render/detect.ts';

const folder = (...names: readonly string[]) => names.map((name) => ({ name, oid: '', kind: 'file' as const }));

const cases: readonly { readonly names: readonly string[]; readonly spec?: RenderSpec; readonly type: RenderType }[] = [
  { names: ['a.yaml'], type: 'Plain' }, { names: [], type: 'Plain' }, { names: ['kustomization.yaml'], type: 'Kustomize' }, { names: ['kustomization.yml'], type: 'Kustomize' },
  { names: ['Kustomization'], type: 'Kustomize' }, { names: ['Chart.yaml', 'values.yaml'], type: 'Helm' }, { names: ['Chart.yaml', 'Kustomization'], type: 'Kustomize' },
  { names: ['Chart.yaml'], spec: { type: 'Plain' }, type: 'Plain' }, { names: ['a.yaml'], spec: { helm: {} }, type: 'Helm' }, { names: ['Chart.yaml'], spec: { kustomize: {} }, type: 'Kustomize' },
];
for (const { names, spec = {}, type } of cases) {
  test(`a folder with ${names.join(', ') || 'nothing'} and ${JSON.stringify(spec)} is ${type}`, (t) => {
    t.is(detectType(folder(...names), spec), type);
  });
}
