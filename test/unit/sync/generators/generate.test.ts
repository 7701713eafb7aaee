import test from 'ava';
import type { Secret } from '#api/generated/core/v1.ts';
import type { Generator } from '#api/headway/v1/types.ts';
import { GeneratorError } from '#sync/generators/errors.ts';
import { generate, type GeneratorSources } from '#sync/generators/generate.ts';
import type { PullRequest } from '#sync/generators/pull-requests/pull-request.ts';
import { memoryTree } from './memory-tree.ts';

const FILES = {
  'envs/eu/config.yaml': 'cluster:\n  name: eu-1\nzones: [a, b]\nreplicas: 3\n', 'envs/us/config.json': '{"cluster": {"name": "us-1"}, "zones": [], "replicas": 1}',
  'two.yaml': 'name: one\n---\nname: two\n', 'list.yaml': '- name: one\n- name: two\n', 'bad.yaml': 'ok: 1\n---\na: [\n', 'text.yaml': 'just text\n', 'empty.yaml': '',
};
const PULL: PullRequest = { number: 7, branch: 'feature/Log-In_Page', headSha: '0123456789abcdef', author: 'ada', title: 'Log in', labels: [], isFork: false };
const CLUSTER = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'east', labels: { tier: 'front' } }, data: { server: Buffer.from('https://east:6443').toString('base64') } } as unknown as Secret;
const sources: GeneratorSources = { tree: () => ({ reader: memoryTree(FILES), revision: 'r' }), clusters: () => [CLUSTER], pullRequests: async () => [PULL] };
const paths = (kind: 'files' | 'directories', ...patterns: readonly string[]): Generator => ({ [kind]: { repository: 'web', paths: patterns } });
const list = (...elements: readonly Readonly<Record<string, unknown>>[]): Generator => ({ list: { elements } });

for (const { name, generators, parameters } of [
  { name: 'a list, with its nested values', generators: [list({ name: 'a', port: 80, tls: true, tags: { x: 'y' }, none: null })], parameters: [{ name: 'a', port: '80', tls: 'true', 'tags.x': 'y', none: '' }] },
  { name: 'several generators, one after the other', generators: [list({ name: 'a' }), list({ name: 'b' })], parameters: [{ name: 'a' }, { name: 'b' }] },
  { name: 'directories', generators: [paths('directories', 'envs/*')], parameters: ['eu', 'us'].map((one) => ({ path: `envs/${one}`, 'path.basename': one, 'path[0]': 'envs', 'path[1]': one })) },
  {
    name: 'files of YAML and JSON', generators: [paths('files', 'envs/*/config.*')], parameters: [
      { 'cluster.name': 'eu-1', 'zones[0]': 'a', 'zones[1]': 'b', replicas: '3', path: 'envs/eu', 'path.basename': 'eu', 'path[0]': 'envs', 'path[1]': 'eu', 'path.filename': 'config.yaml' },
      { 'cluster.name': 'us-1', replicas: '1', path: 'envs/us', 'path.basename': 'us', 'path[0]': 'envs', 'path[1]': 'us', 'path.filename': 'config.json' },
    ],
  },
  { name: 'each document of a file', generators: [paths('files', 'two.yaml')], parameters: ['one', 'two'].map((name) => ({ name, path: '', 'path.basename': '', 'path[0]': '', 'path.filename': 'two.yaml' })) },
  { name: 'each item of a list in a file', generators: [paths('files', 'list.yaml')], parameters: ['one', 'two'].map((name) => ({ name, path: '', 'path.basename': '', 'path[0]': '', 'path.filename': 'list.yaml' })) },
  { name: 'a file that holds nothing', generators: [paths('files', 'empty.yaml')], parameters: [] },
  { name: 'clusters', generators: [{ clusters: {} }], parameters: [{ name: 'east', server: 'https://east:6443', 'metadata.labels.tier': 'front' }] },
  {
    name: 'pull requests', generators: [{ pullRequests: { provider: 'GitHub', repository: 'a/b' } }],
    parameters: [{ number: '7', branch: 'feature/Log-In_Page', branch_slug: 'feature-log-in-page', head_sha: '0123456789abcdef', head_short_sha: '01234567', author: 'ada', title: 'Log in' }],
  },
  { name: 'a matrix', generators: [{ matrix: { generators: [list({ a: '1' }, { a: '2' }), list({ b: 'x' }, { b: 'y' })] } }], parameters: [{ a: '1', b: 'x' }, { a: '1', b: 'y' }, { a: '2', b: 'x' }, { a: '2', b: 'y' }] },
  { name: 'a matrix whose second generator names parameters of the first', generators: [{ matrix: { generators: [list({ file: 'two' }), paths('files', '{{file}}.yaml')] } }], parameters: ['one', 'two'].map((name) => ({ file: 'two', name, path: '', 'path.basename': '', 'path[0]': '', 'path.filename': 'two.yaml' })) },
] satisfies readonly { readonly name: string; readonly generators: readonly Generator[]; readonly parameters: readonly object[] }[]) {
  test(`parameters of ${name}`, async (t) => t.deepEqual(await generate(generators, sources), parameters));
}

for (const { name, generator, reason, message } of [
  { name: 'a broken file is named with its line', generator: paths('files', 'bad.yaml'), reason: 'InvalidFile', message: /^bad\.yaml:3: / },
  { name: 'a file that holds no mapping', generator: paths('files', 'text.yaml'), reason: 'InvalidFile', message: /^text\.yaml:1: must hold a mapping/ },
  { name: 'a matrix of which both give a parameter', generator: { matrix: { generators: [list({ a: '1' }), list({ a: '2' })] } }, reason: 'ParameterConflict', message: /"a"/ },
  { name: 'a matrix that names what the first does not give', generator: { matrix: { generators: [list({ a: '1' }), paths('files', '{{b}}.yaml')] } }, reason: 'UnknownParameter', message: /files\.paths\[0\]: there is no parameter "b"; there are a/ },
] as const) {
  test(name, async (t) => {
    const error = await t.throwsAsync(generate([generator], sources), { instanceOf: GeneratorError, message });
    t.is(error?.data.reason, reason);
  });
}
