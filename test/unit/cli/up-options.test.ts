import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { clusterOptions, DEFAULT_UP_FLAGS } from '#cli/up-options.ts';
import { UsageError } from '#cli/usage-error.ts';
import { apiServerFlags as flagsOfApiServer } from '#cli/api-server-flags.ts';
import { buildProgram } from '#cli/program.ts';

const WRONG = [
  { name: 'a port that is no number', flags: { port: 'x' }, message: /--port x/ },
  { name: 'a port that is too large', flags: { agentPort: '70000' }, message: /--agent-port 70000/ },
  { name: 'an address range that is too small for a node', flags: { podCidr: '10.1.0.0/25' }, message: /--pod-cidr 10\.1\.0\.0\/25: say the first address/ },
  { name: 'an address range that does not begin at its first address', flags: { serviceCidr: '10.1.2.0/16' }, message: /--service-cidr/ },
  { name: 'an address range that is none', flags: { serviceCidr: '10.1.300.0/24' }, message: /--service-cidr/ },
  { name: 'a range of ports that is none', flags: { serviceNodePortRange: '30000' }, message: /--service-node-port-range 30000: say the first and the last port/ },
  { name: 'a range of ports that ends before it begins', flags: { serviceNodePortRange: '30000-29999' }, message: /--service-node-port-range/ },
  { name: 'a range of ports beyond the last', flags: { serviceNodePortRange: '1-65536' }, message: /--service-node-port-range/ },
  { name: 'a time that is none', flags: { requestTimeout: '30' }, message: /--request-timeout 30: say how long, as 90s or 1m30s/ },
  { name: 'no time at all', flags: { requestTimeout: '0' }, message: /--request-timeout 0/ },
  { name: 'a time longer than any timer', flags: { requestTimeout: '600h' }, message: /--request-timeout 600h/ },
  { name: 'unknown nodes', flags: { nodes: 'many' }, message: /simulated:N/ },
  { name: 'a repository folder that is not there', flags: { repo: '/nowhere/at/all' }, message: /no such folder/ },
];
for (const { name, flags, message } of WRONG) {
  test(`${name} is refused with what to say instead`, (t) => {
    const error = t.throws(() => clusterOptions({ ...DEFAULT_UP_FLAGS, ...flags }), { instanceOf: UsageError });
    t.regex(error.message, message);
  });
}

test('URLs stay, local paths become absolute, the folder loses its slashes', (t) => {
  const directory = mkdtempSync(`${tmpdir()}/headway-options-`);
  t.teardown(() => rmSync(directory, { recursive: true }));
  const repositoryOf = (repo: string) => clusterOptions({ ...DEFAULT_UP_FLAGS, repo, path: '/clusters/demo/' }).repository;
  t.deepEqual(repositoryOf('https://example.org/x.git'), { url: 'https://example.org/x.git', ref: 'main', path: 'clusters/demo' });
  t.is(repositoryOf('git@example.org:x.git')?.url, 'git@example.org:x.git');
  t.is(repositoryOf(`${directory}/../${directory.split('/').at(-1)}`)?.url, directory);
});

test('a request takes a minute at most, or what is said', (t) => {
  t.is(clusterOptions(DEFAULT_UP_FLAGS).requestTimeoutMs, 60_000);
  t.is(clusterOptions({ ...DEFAULT_UP_FLAGS, requestTimeout: '1m30s' }).requestTimeoutMs, 90_000);
});

test('simulated nodes are counted', (t) => {
  t.is(clusterOptions({ ...DEFAULT_UP_FLAGS, nodes: 'simulated:30' }).simulatedNodes, 30);
});

test('the API server tells with which flags it was started, but no URL that may hold a password', (t) => {
  const repo = 'https://user:password@git.example.com/a.git';
  const { apiServerFlags } = clusterOptions({ ...DEFAULT_UP_FLAGS, repo, advertiseAddress: '192.0.2.1', oidcIssuerUrl: 'https://issuer', oidcClientId: 'id', oidcRequiredClaim: ['a=b', 'c=d'] });
  t.like(apiServerFlags, { 'advertise-address': '192.0.2.1', 'service-cidr': '10.96.0.0/16', 'oidc-required-claim': 'a=b,c=d', port: '6443' });
  t.false(JSON.stringify(apiServerFlags).includes('password'));
});

test('every flag of the API server is among them but the address of Redis', (t) => {
  const { options = [] } = buildProgram().commands.find((command) => command.name() === 'apiserver') ?? {};
  const given = Object.fromEntries(options.map((option) => [option.attributeName(), 'given'])) as unknown as Parameters<typeof flagsOfApiServer>[0];
  const told = Object.keys(flagsOfApiServer(given));
  t.deepEqual(options.map((option) => option.long?.slice(2)).filter((name) => !told.includes(name ?? '')), ['redis']);
});
