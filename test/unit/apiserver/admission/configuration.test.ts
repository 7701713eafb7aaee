import test from 'ava';
import { parseAdmission } from '#apiserver/admission/configuration.ts';
import { AdmissionConfigError } from '#apiserver/admission/config-error.ts';

const file = (...plugins: readonly object[]): object => ({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins });
const levels = (rest: object): object => ({ apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration', ...rest });
const podSecurity = (rest: object): object => file({ name: 'PodSecurity', configuration: levels(rest) });
const noFile = (): never => {
  throw new Error('no file is named');
};

test('defaults and exemptions of pod security are read', (t) => {
  const { defaults, exemptions } = parseAdmission(podSecurity({ defaults: { enforce: 'baseline', 'enforce-version': 'v1.30', warn: 'restricted' }, exemptions: { usernames: ['ann'], namespaces: ['a'], runtimeClasses: ['kata'] } }), noFile).podSecurity;
  t.deepEqual(defaults, { enforce: { level: 'baseline', minor: 30 }, audit: { level: 'privileged', minor: Infinity }, warn: { level: 'restricted', minor: Infinity } });
  t.deepEqual(exemptions, { usernames: new Set(['ann']), namespaces: new Set(['a']), runtimeClasses: new Set(['kata']) });
});

test('a plugin\'s configuration may stand in a file of its own', (t) => {
  const read = (path: string): unknown => (path === 'levels.yaml' ? levels({ defaults: { audit: 'baseline' } }) : undefined);
  t.is(parseAdmission(file({ name: 'PodSecurity', path: 'levels.yaml' }), read).podSecurity.defaults.audit.level, 'baseline');
});

test('what needs a quota is read, also in older versions', (t) => {
  const limitedResources = [{ resource: 'pods', matchScopes: [{ scopeName: 'PriorityClass', operator: 'In', values: ['a'] }] }, { apiGroup: 'apps', resource: 'deployments', matchContains: ['count/'] }];
  const expected = [{ resource: 'pods', matchContains: [], matchScopes: limitedResources[0]?.matchScopes }, { resource: 'deployments.apps', matchContains: ['count/'], matchScopes: [] }];
  for (const [apiVersion, kind] of [['apiserver.config.k8s.io/v1', 'ResourceQuotaConfiguration'], ['resourcequota.admission.k8s.io/v1beta1', 'Configuration']]) {
    const { limitedResources: read, podSecurity } = parseAdmission({ ...file({ name: 'ResourceQuota', configuration: { apiVersion, kind, limitedResources } }), apiVersion: 'apiserver.k8s.io/v1alpha1' }, noFile);
    t.deepEqual(read as unknown, expected);
    t.is(podSecurity.exemptions.namespaces.size, 0);
  }
});

test('without plugins nothing is configured', (t) => {
  t.is(parseAdmission(file(), noFile).podSecurity.exemptions.namespaces.size, 0);
  t.is(parseAdmission({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration' }, noFile).podSecurity.defaults.enforce.level, 'privileged');
});

const CONFIGURATION = 'plugins[0].configuration';
const quota = (...limitedResources: readonly object[]): object => file({ name: 'ResourceQuota', configuration: { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'ResourceQuotaConfiguration', limitedResources } });
const LIMITED = `${CONFIGURATION}.limitedResources[0]`;
for (const [value, path, why] of [
  ['text', 'the file', 'must be an object'],
  [{ ...file(), kind: 'Other' }, 'apiVersion', 'must be an AdmissionConfiguration of apiserver.config.k8s.io/v1'],
  [{ ...file(), plugin: [] }, 'plugin', 'unknown field'],
  [file({ name: 'EventRateLimit' }), 'plugins[0].name', 'Unsupported value: "EventRateLimit": only PodSecurity and ResourceQuota take a configuration'],
  [file({ name: 'PodSecurity' }, { name: 'PodSecurity' }), 'plugins[1].name', 'Duplicate value: "PodSecurity"'],
  [file({ name: 'PodSecurity', configuration: { ...levels({}), apiVersion: 'v1' } }), `${CONFIGURATION}.apiVersion`, 'must be a PodSecurityConfiguration of pod-security.admission.config.k8s.io/v1'],
  [podSecurity({ default: {} }), `${CONFIGURATION}.default`, 'unknown field'],
  [podSecurity({ defaults: { enforce: 'strict' } }), `${CONFIGURATION}.defaults.enforce`, 'Invalid value: "strict": must be one of privileged, baseline, restricted'],
  [podSecurity({ defaults: { 'warn-version': '1.30' } }), `${CONFIGURATION}.defaults.warn-version`, 'Invalid value: "1.30": must be "latest" or "v1.x"'],
  [podSecurity({ exemptions: { users: [] } }), `${CONFIGURATION}.exemptions.users`, 'unknown field'],
  [podSecurity({ exemptions: { usernames: [''] } }), `${CONFIGURATION}.exemptions.usernames[0]`, 'Invalid value: "": username must not be empty'],
  [podSecurity({ exemptions: { namespaces: ['a', 'a'] } }), `${CONFIGURATION}.exemptions.namespaces[1]`, 'Duplicate value: "a"'],
  [podSecurity({ exemptions: { namespaces: 'a' } }), `${CONFIGURATION}.exemptions.namespaces`, 'must be a list'],
  [podSecurity({ exemptions: { runtimeClasses: [1] } }), `${CONFIGURATION}.exemptions.runtimeClasses[0]`, 'must be a text'],
  [file({ name: 'ResourceQuota', configuration: { apiVersion: 'v1', kind: 'ResourceQuotaConfiguration' } }), `${CONFIGURATION}.apiVersion`, 'must be a ResourceQuotaConfiguration of apiserver.config.k8s.io/v1'],
  [quota({ apiGroup: 'apps' }), `${LIMITED}.resource`, 'Required value'],
  [quota({ resource: 'pods', matchContains: ['a', 1] }), `${LIMITED}.matchContains[1]`, 'must be a text'],
  [quota({ resource: 'pods', matchScopes: [{ scopeName: 'PriorityClass', operator: 'Is' }] }), `${LIMITED}.matchScopes[0].operator`, 'must be one of In, NotIn, Exists, DoesNotExist'],
] as const) {
  test(`refused: ${path}: ${why}`, (t) => {
    const error = t.throws(() => parseAdmission(value, noFile), { instanceOf: AdmissionConfigError });
    t.is(error?.message, `the admission configuration is not valid: ${path}: ${why}`);
    t.is(error?.data.path, path);
  });
}
