/**
 * `npm run generate -- GO_SOURCE_ROOT`: writes src/api/generated from Kubernetes' Go packages.
 * The root is a GOPATH-style `src` folder, as Debian's golang-k8s-api-dev, golang-k8s-apimachinery-dev and
 * golang-k8s-apiextensions-apiserver-dev (0.36) install it: /usr/share/gocode/src. No other package is needed.
 * Facts and descriptions go into separate files: the first are always needed, the second only for OpenAPI.
 * The descriptions of our own types need no Go: `npm run generate -- --own` writes them alone.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DESCRIPTIONS, descriptionLines, ownDescriptions } from './descriptions.ts';
import { packageFacts } from './facts.ts';
import { goDescriptions, scalarDescriptions } from './go-descriptions.ts';
import { readGoPackage } from './go-source.ts';
import { type ApiPackage, API_PACKAGES } from './packages.ts';
import { hashOfGenerator, HASH_FILE } from './source-hash.ts';
import { typescriptOf } from './typescript.ts';

writeFileSync(DESCRIPTIONS, ownDescriptions());
if (process.argv[2] === '--own') process.exit();
const root = process.argv[2] ?? '/usr/share/gocode/src';
const output = join(import.meta.dirname, '../../src/api/generated');
const directoryOf = (p: ApiPackage): string => (p.isDeclared ? join(import.meta.dirname, 'declared', p.id) : join(root, p.path));
const packages = new Map(API_PACKAGES.map((p) => [p.id, readGoPackage(directoryOf(p))]));
rmSync(output, { recursive: true, force: true });
for (const api of API_PACKAGES) {
  const facts = packageFacts(api, packages);
  const file = join(output, api.id);
  mkdirSync(dirname(file), { recursive: true });
  const types = Object.entries(facts.types).map(([n, t]) => `${JSON.stringify(n)}:${JSON.stringify(t)}`);
  const { types: _, ...head } = facts;
  writeFileSync(`${file}.json`, `${JSON.stringify(head).slice(0, -1)},"types":{\n${types.join(',\n')}\n}}\n`);
  writeFileSync(`${file}.ts`, typescriptOf(facts));
  writeFileSync(`${file}.descriptions.json`, descriptionLines(goDescriptions(api, packages)));
}
writeFileSync(join(output, 'scalars.descriptions.json'), descriptionLines(scalarDescriptions((path) => readGoPackage(join(root, path)))));
writeFileSync(join(output, HASH_FILE), `${hashOfGenerator()}\n`);
process.stdout.write(`wrote ${API_PACKAGES.length} packages to ${output}\n`);
