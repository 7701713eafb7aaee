import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const build = (resource: ResourceType, { metadata, ...body }: { readonly metadata?: object }): KubeObject =>
  applyDefaults(resource, { apiVersion: 'batch/v1', kind: resource.kind, metadata: { name: 'a', namespace: 'n', ...metadata }, ...body } as unknown as KubeObject);
const created = (resource: ResourceType, body: object): readonly string[] => validateCreate(resource, build(resource, body)).map((c) => `${c.field}: ${c.message}`);
const updated = (resource: ResourceType, before: object, after: object): readonly string[] => validateUpdate(resource, build(resource, after), build(resource, before)).map((c) => `${c.field}: ${c.message}`);

const container = { name: 'c', image: 'i' };
const template = { metadata: { labels: { a: 'b' } }, spec: { restartPolicy: 'Never', containers: [container] } };
const job = (more: object = {}): object => ({ spec: { template, ...more } });
const indexed = (rule: object): object => job({ completionMode: 'Indexed', completions: 5, successPolicy: { rules: [rule] } });
const cron = (more: object = {}): object => ({ spec: { schedule: '* * * * *', jobTemplate: { spec: { template } }, ...more } });
const named = (name: string): object => ({ ...cron(), metadata: { name } });

const IN_SCHEDULE = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
const count = (indexes: string): string => `spec.successPolicy.rules[0].succeededIndexes: Invalid value: ${JSON.stringify(indexes)}: error parsing succeededIndexes: `;

for (const [resource, body, ...expected] of [
  [resources.JOBS, job({ manualSelector: true, selector: { matchLabels: { z: '1' } }, template: { ...template, metadata: { labels: { y: '2', b: '1' } } } }),
    'spec.template.metadata.labels: Invalid value: {"b":"1","y":"2"}: `selector` does not match template `labels`'],
  [resources.JOBS, { ...job({ completionMode: 'Indexed', completions: 2, manualSelector: true }), metadata: { name: 'a'.repeat(62) } },
    'spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
    `metadata.name: Invalid value: "${'a'.repeat(62)}": will not able to create pod with invalid DNS label: ${'a'.repeat(62)}-1`],
  [resources.JOBS, indexed({ succeededIndexes: '0,2-4' })],
  [resources.JOBS, indexed({ succeededIndexes: '7-x' }), `${count('7-x')}too large index: "7"`],
  [resources.JOBS, indexed({ succeededIndexes: '3,1-9' }), `${count('3,1-9')}too large index: "9"`],
  [resources.JOBS, indexed({ succeededIndexes: '3,2-1' }), `${count('3,2-1')}non-increasing order, previous: 2, current: 1`],
  [resources.JOBS, indexed({ succeededIndexes: '3,1-2' }), `${count('3,1-2')}non-increasing order, previous: 3, current: 1`],
  [resources.CRON_JOBS, named('a'.repeat(52))],
  [resources.CRON_JOBS, named('a'.repeat(53)), `metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 bytes`],
  [resources.CRON_JOBS, cron({ schedule: 'CRON_TZ=UTC * * * * x' }), 'spec.schedule: Invalid value: "CRON_TZ=UTC * * * * x": failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax', `spec.schedule: Invalid value: "CRON_TZ=UTC * * * * x": ${IN_SCHEDULE}`],
  [resources.CRON_JOBS, cron({ schedule: 'TZ=0' }), 'spec.schedule: Invalid value: "TZ=0": invalid schedule format: runtime error: slice bounds out of range [:-1]', `spec.schedule: Invalid value: "TZ=0": ${IN_SCHEDULE}`],
  [resources.CRON_JOBS, cron({ schedule: 'TZ=No/Where * * * * *' }), 'spec.schedule: Invalid value: "TZ=No/Where * * * * *": provided bad location No/Where: unknown time zone No/Where', `spec.schedule: Invalid value: "TZ=No/Where * * * * *": ${IN_SCHEDULE}`],
  [resources.CRON_JOBS, cron({ schedule: '1-x-3 * * * *' }), 'spec.schedule: Invalid value: "1-x-3 * * * *": too many hyphens: 1-x-3'],
  [resources.CRON_JOBS, cron({ schedule: ' ' }), 'spec.schedule: Invalid value: " ": expected exactly 5 fields, found 0: []'],
  [resources.CRON_JOBS, cron({ schedule: '@every 5x' }), 'spec.schedule: Invalid value: "@every 5x": failed to parse duration @every 5x: time: unknown unit "x" in duration "5x"'],
  [resources.CRON_JOBS, cron({ schedule: '@every 5' }), 'spec.schedule: Invalid value: "@every 5": failed to parse duration @every 5: time: missing unit in duration "5"'],
  [resources.CRON_JOBS, cron({ schedule: '@every 1h30m' })],
  [resources.CRON_JOBS, cron({ startingDeadlineSeconds: -1, timeZone: '' }), 'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0', 'spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  [resources.CRON_JOBS, cron({ timeZone: 'Local' }), 'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'],
  [resources.CRON_JOBS, cron({ timeZone: 'LOCAL' }), 'spec.timeZone: Invalid value: "LOCAL": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones', 'spec.timeZone: Invalid value: "LOCAL": unknown time zone LOCAL'],
  ...['/UTC', 'UTC/', '../UTC', './UTC', '-UTC', 'A/../UTC', 'America/ New_York'].map((zone) => [resources.CRON_JOBS, cron({ timeZone: zone }), `spec.timeZone: Invalid value: "${zone}": unknown time zone ${zone}`] as const),
  ...['Africa/Abidjan', 'America/Argentina/ComodRivadavia', 'Etc/GMT-14', 'GMT+0', 'EST5EDT', 'Zulu'].map((zone) => [resources.CRON_JOBS, cron({ timeZone: zone })] as const),
] as readonly (readonly [ResourceType, object, ...string[]])[]) {
  test(`a ${resource.kind} is ${expected.length === 0 ? 'taken' : 'refused'}: ${expected[0] ?? JSON.stringify(body)}`, (t) => t.deepEqual(created(resource, body), expected));
}

for (const [name, before, after, ...expected] of [
  ['without a zone that gets one', cron(), cron({ schedule: 'TZ=UTC * * * * *' }), `spec.schedule: Invalid value: "TZ=UTC * * * * *": ${IN_SCHEDULE}`],
  ['with a zone that gets another', cron({ schedule: 'TZ=UTC * * * * *' }), cron({ schedule: 'CRON_TZ=UTC 1 * * * *' })],
  ['with a zone that gets a second one', cron({ schedule: 'TZ=UTC * * * * *' }), cron({ schedule: 'TZ=UTC * * * * *', timeZone: 'UTC' }), 'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule'],
  ['with a zone that moves it', cron({ schedule: 'TZ=UTC * * * * *' }), cron({ timeZone: 'UTC' })],
  ['with a long name', named('a'.repeat(60)), named('a'.repeat(60))],
  ['with a wrong zone that it had', cron({ timeZone: 'x' }), cron({ timeZone: 'x' })],
] as const) {
  test(`a schedule ${name} is ${expected.length === 0 ? 'taken' : 'refused'}`, (t) => t.deepEqual(updated(resources.CRON_JOBS, before, after), [...expected]));
}

test('of the pod of a suspended job that never ran only what it asks for and where it goes may change', (t) => {
  const own = (spec: object, labels: object = { a: 'b' }): object => job({ suspend: true, template: { metadata: { labels }, spec: { ...template.spec, ...spec } } });
  const open = { nodeSelector: { z: '1' }, affinity: { nodeAffinity: {} }, tolerations: [{ operator: 'Exists' }], schedulingGates: [{ name: 'g' }], containers: [{ ...container, resources: { limits: { cpu: '1' } } }] };
  t.deepEqual(updated(resources.JOBS, own({}), own(open, { a: 'c' })), []);
  for (const more of [{ containers: [{ ...container, image: 'j' }] }, { affinity: { podAffinity: {} } }, { priorityClassName: 'p' }]) {
    t.deepEqual(validateUpdate(resources.JOBS, build(resources.JOBS, own(more)), build(resources.JOBS, own({}))).map(({ field }) => field), ['spec.template.spec']);
  }
  t.deepEqual(validateUpdate(resources.JOBS, build(resources.JOBS, job({ template: { ...template, spec: { ...template.spec, nodeSelector: { z: '1' } } } })), build(resources.JOBS, job())).map(({ field }) => field), ['spec.template']);
});
