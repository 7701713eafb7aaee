import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { yamlFault } from '#api/yaml-fault/yaml-fault.ts';
import { packagedClient, packagedClientsMissing } from '#test/support/client-binaries.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

const MANIFEST = `apiVersion: v1
kind: Pod
metadata:
  name: web # here
  labels: {app: web, "tier": 'front'}
  annotations:
    note: |
      some text: here
        more
    folded: >-
      a
      b
spec:
  containers:
  - name: c
    args: ["--x=1", '--y', z]
    env:
    - name: A
      value: "b\\nc"
    - &anchor
      name: B
      value: &v plain text
        goes on
  - name: d
    image: *v
`;
const PIECES = ['\t', ' ', '  ', '\n', ':', ': ', '- ', '-', '[', ']', '{', '}', ',', '"', "'", '#', '*', '&', '!', '|', '>', '@', '`', '? ', 'x', '\\', '\r\n', '*q', '&z ', '!!str ', '!t '];
const edits = fc.array(fc.record({ at: fc.nat(MANIFEST.length), removed: fc.nat(3), put: fc.constantFrom('', ...PIECES) }), { minLength: 1, maxLength: 2 });
const edited = (changes: readonly { readonly at: number; readonly removed: number; readonly put: string }[]): string =>
  `${changes.reduce((text, { at, removed, put }) => text.slice(0, at) + put + text.slice(at + removed), MANIFEST)}\n`;
/** What goyaml finds only when it decodes what it has parsed. */
const LATER = /invalid map key|map merge/;

(packagedClientsMissing === undefined ? test : test.skip)('what is wrong with a text is told as kubectl tells it, which reads it with the code of Kubernetes\' servers', async (t) => {
  t.timeout(120_000);
  const kubectl = packagedClient('kubectl');
  const file = join(temporaryDirectory('yaml-faults'), 'manifest.yaml');
  const told = (text: string): Promise<string | undefined> => {
    writeFileSync(file, text);
    return new Promise((resolve) => {
      execFile(kubectl, ['annotate', '--local', '-o', 'name', '-f', file, 'a=b'], (_error, _stdout, stderr) => resolve(/error converting YAML to JSON: yaml: ([^]*?)\n$/.exec(stderr)?.[1]));
    });
  };
  let faults = 0;
  await fc.assert(fc.asyncProperty(edits.map(edited), async (text) => {
    const expected = await told(text);
    if (expected === undefined || LATER.test(expected)) return;
    faults += 1;
    if (yamlFault(text) !== expected) throw new Error(`${String(yamlFault(text))} instead of ${expected}`);
    // The same texts each time: of thousands a few are told in other words, which is known (design 0007).
  }), { numRuns: 100, seed: 1 });
  t.true(faults > 10);
});
