import test from 'ava';
import type { Repository, RepositorySpec } from '#api/headway/v1/types.ts';
import { Problems } from '#api/validation/problems.ts';
import { validateRepository } from '#api/validation/repository.ts';

const SSH = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@laptop\n';
const PGP = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n…\n-----END PGP PUBLIC KEY BLOCK-----\n';

function fieldsOf(spec: Partial<RepositorySpec>): readonly (string | undefined)[] {
  const problems = new Problems();
  const repository: Repository = { apiVersion: 'headway.dev/v1', kind: 'Repository', metadata: { name: 'shop', namespace: 'default' }, spec: { url: 'https://example.org/shop.git', ...spec } };
  validateRepository(problems, repository);
  return problems.causes.map(({ field }) => field);
}

for (const spec of [
  { ref: 'v1.2.3' }, { ref: 'feature/x' }, { ref: '^1.2' }, { ref: '>=1.0 <2' }, { ref: '>= 1.0.0-0 || 3.x' }, { ref: '1.0 - 2.0' }, { ref: '*' }, { ref: 'a'.repeat(40) },
  { url: 'deploy@git.example.org:team/shop.git', secretRef: { name: 'key' } }, { url: 'ssh://git@[::1]:22/x' }, { url: '/srv/git/shop' },
  { verification: { signers: [{ name: 'ada', pgp: PGP }, { name: 'bob', ssh: SSH }] } }, { ignore: ['docs/', '!docs/x.yaml', '# note'] },
  { webhook: { secretRef: { name: 'hook' } }, commitStatus: { provider: 'Gitea', secretRef: { name: 'token' }, apiURL: 'https://git.example.org/api/v1' } },
  { submodules: true }, { url: 'https://charts.example.org/stable', chart: 'web', ref: '^1.2', secretRef: { name: 'charts' } }, { url: 'oci://registry.example.org:5000/charts', chart: 'kube-web', ref: 'main' },
] satisfies Partial<RepositorySpec>[]) {
  test(`accepted: ${JSON.stringify(spec).slice(0, 80)}`, (t) => t.deepEqual(fieldsOf(spec), []));
}

for (const [field, spec] of [
  ['spec.url', { url: 'ext::sh -c id' }],
  ['spec.url', { url: 'https://example.org/a b' }],
  ['spec.ref', { ref: 'main~1' }],
  ['spec.ref', { ref: '--upload-pack=x' }],
  ['spec.ref', { ref: '^one' }],
  ['spec.pollInterval', { pollInterval: 'soon' }],
  ['spec.secretRef.name', { secretRef: { name: '' } }],
  ['spec.secretRef', { url: '/srv/git', secretRef: { name: 'x' } }],
  ['spec.verification.signers', { verification: { signers: [] } }],
  ['spec.verification.signers[0]', { verification: { signers: [{ name: 'ada' }] } }],
  ['spec.verification.signers[0]', { verification: { signers: [{ name: 'ada', pgp: PGP, ssh: SSH }] } }],
  ['spec.verification.signers[0].pgp', { verification: { signers: [{ name: 'ada', pgp: '0xDEADBEEF' }] } }],
  ['spec.verification.signers[0].ssh', { verification: { signers: [{ name: 'ada', ssh: 'AAAA' }] } }],
  ['spec.verification.signers[1].name', { verification: { signers: [{ name: 'ada', ssh: SSH }, { name: 'ada', pgp: PGP }] } }],
  ['spec.ignore[1]', { ignore: ['a', 'b\nc'] }],
  ['spec.webhook.secretRef.name', { webhook: { secretRef: { name: 'Bad_Name' } } }],
  ['spec.commitStatus.apiURL', { commitStatus: { provider: 'GitHub', secretRef: { name: 'x' }, apiURL: 'https://user:word@example.org' } }],
  ['spec.url', { url: 'oci://registry.example.org/charts' }],
  ['spec.url', { chart: 'web', url: 'git@example.org:charts' }],
  ['spec.url', { chart: 'web', url: 'https://user:word@charts.example.org' }],
  ['spec.chart', { chart: '../web' }],
  ['spec.ref', { chart: 'web', ref: 'stable' }],
  ['spec.verification', { chart: 'web', verification: { signers: [{ name: 'ada', ssh: SSH }] } }],
  ['spec.submodules', { chart: 'web', submodules: true }],
  ['spec.submodules', { url: '/srv/git', submodules: true }],
  ['spec.webhook', { chart: 'web', webhook: { secretRef: { name: 'hook' } } }],
] satisfies [string, Partial<RepositorySpec>][]) {
  test(`refused at ${field}: ${JSON.stringify(spec).slice(0, 80)}`, (t) => t.deepEqual(fieldsOf(spec), [field]));
}
