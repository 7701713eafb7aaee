import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { admissionOf } from '#cli/control-plane/admission.ts';
import { clusterOptions, DEFAULT_UP_FLAGS } from '#cli/up-options.ts';
import { UsageError } from '#cli/usage-error.ts';

test('the file is read, with the files that it names beside it, and faults name the option', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'headway-admission-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'admission.yaml');
  const write = (plugins: string): Promise<void> => writeFile(file, `apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n${plugins}`);
  const refusal = (): string => t.throws(() => admissionOf(file), { instanceOf: UsageError })?.message ?? '';
  await writeFile(join(directory, 'levels.yaml'), 'apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\nexemptions: {namespaces: [free]}\n');
  await write('- {name: PodSecurity, path: levels.yaml}\n');
  t.true(admissionOf(file).podSecurity.exemptions.namespaces.has('free'));
  await write('- {name: PodSecurity, path: absent.yaml}\n');
  t.regex(refusal(), /--admission-control-config-file \S+admission\.yaml: ENOENT.*absent\.yaml/);
  await write('- {name: PodSecurity, name: PodSecurity}\n');
  t.regex(refusal(), /duplicate field "plugins\[0\]\.name"/);
  await write('- {name: [\n');
  t.regex(refusal(), /--admission-control-config-file .*yaml/);
});

test('the option reaches the control plane', (t) => {
  t.is(clusterOptions({ ...DEFAULT_UP_FLAGS, admissionControlConfigFile: '/a.yaml' }).admissionConfigFile, '/a.yaml');
});
