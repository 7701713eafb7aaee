import type { KubeObject } from '#api/object.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { createCustom } from './support/custom-resource.ts';
import { updateLatest } from './support/operations.ts';
import { eventually } from './support/workloads.ts';

const RATCHETING = '[sig-api-machinery] CRDValidationRatcheting [Privileged:ClusterAdmin]';
const EVERYWHERE = ['field', 'struct.field', 'list[0].field', 'list[1].field'] as const;
/** Fields of schemas join a path with a dot, rules of CEL with brackets. */
const BY_SCHEMA = [...EVERYWHERE, 'map.foo.field', 'map.bar.field'];
const BY_RULE = [...EVERYWHERE, 'map[foo].field', 'map[bar].field'];
const SENTINEL = '__update_schema_sentinel_field__';

type Labels = Readonly<Record<string, string>>;
/** What compares with the old object is estimated to cost too much without a bound. */
const FEW = { list: { maxItems: 5 }, map: { maxProperties: 5 } };
const everywhere = (field: object, { list, map }: { readonly list?: object; readonly map?: object } = {}) => {
  const struct = { type: 'object', properties: { field, otherField: { type: 'string' } } };
  return {
    field, otherField: { type: 'string' }, struct,
    list: { ...list, type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['key'], items: { ...struct, properties: { ...struct.properties, key: { type: 'string' } }, required: ['key'] } },
    map: { ...map, type: 'object', additionalProperties: struct },
  };
};
/** The same value at each place that has a fellow in the old object. */
const filled = (field: string, more: object = {}) => ({
  field, ...more, struct: { field, ...more }, list: ['foo', 'bar'].map((key) => ({ key, field, ...more })), map: { foo: { field, ...more }, bar: { field, ...more } },
});
/** Lists whose items have none. */
const lists = (item: object) => ({ atomicArray: { type: 'array', items: { type: 'string', ...item } }, setArray: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string', ...item } } });
const arrays = (...items: readonly string[]) => ({ atomicArray: items, setArray: items });
const rule = (text: string) => ({ type: 'string', 'x-kubernetes-validations': [{ rule: text }] });
const transition = (text: string, more: object = {}) => ({ type: 'string', maxLength: 5, 'x-kubernetes-validations': [{ rule: text, ...more }] });

/** Objects of a definition whose schema changes below them. */
async function ratcheted(scene: Scene) {
  const { api, namespace, unique } = scene;
  const custom = await createCustom(scene);
  const resource = custom.resource();
  const apply = (body: object, { name = 'test-resource', labels, finalizers }: { readonly name?: string; readonly labels?: Labels; readonly finalizers?: readonly string[] } = {}): Promise<KubeObject> =>
    api.patch(resource, name, 'apply', { ...body, apiVersion: `${custom.group}/v1`, kind: custom.kind, metadata: { name, labels, finalizers } }, { namespace, query: { fieldManager: 'manager' } });
  /** Until the server says the new schema's own word: to an object that is wrong in every other way too. */
  const update = async (properties: object): Promise<void> => {
    const word = unique('word');
    await updateLatest(scene, CUSTOM_RESOURCE_DEFINITIONS, custom.crd.metadata.name, undefined, (live) => ({
      spec: { ...custom.crd.spec, versions: (live as typeof custom.crd).spec.versions.map((v) => ({ ...v, schema: { openAPIV3Schema: { type: 'object', properties: { ...properties, [SENTINEL]: { type: 'string', enum: [word] } } } } })) },
    }));
    await eventually(async () => (await api.failure(apply({ [SENTINEL]: unique('other') }, { name: 'sentinel-resource', labels: { '#inv/($%)/alid=': '>htt$://' }, finalizers: ['unqualified-finalizer'] }))).message.includes(word), { what: 'the new schema' });
  };
  return { apply, update };
}

async function refuses({ t, api }: Scene, request: Promise<unknown>, paths: readonly string[]): Promise<void> {
  const { message, reason } = await api.failure(request);
  t.is(reason, 'Invalid');
  for (const path of paths) t.true(message.includes(`${path}: `) || message.includes(`${path}[`), `${path} in ${message}`);
}

const NOT_FOO = { type: 'string', enum: ['notfoo'] };

behaviour(`${RATCHETING} MUST NOT fail to update a resource due to JSONSchema errors on unchanged correlatable fields`, async (scene) => {
  const { apply, update } = await ratcheted(scene);
  await apply(filled('foo'));
  await update(everywhere(NOT_FOO));
  scene.t.is((await apply(filled('foo'), { labels: { foo: 'bar' } })).metadata.labels?.['foo'], 'bar');
});

behaviour(`${RATCHETING} MUST fail to update a resource due to JSONSchema errors on unchanged uncorrelatable fields`, async (scene) => {
  const { apply, update } = await ratcheted(scene);
  await apply(arrays('foo', 'bar', 'baz'));
  await update(lists({ enum: ['notfoo', 'notbar', 'notbaz'] }));
  await refuses(scene, apply(arrays('foo', 'bar', 'baz', 'notfoo'), { labels: { foo: 'bar' } }), ['atomicArray', 'setArray']);
});

behaviour(`${RATCHETING} MUST fail to update a resource due to JSONSchema errors on changed fields`, async (scene) => {
  const { apply, update } = await ratcheted(scene);
  await apply(filled('foo'));
  await update(everywhere({ type: 'string', enum: ['foo'] }));
  await refuses(scene, apply(filled('notfoo')), BY_SCHEMA);
});

behaviour(`${RATCHETING} MUST NOT fail to update a resource due to CRD Validation Rule errors on unchanged correlatable fields`, async (scene) => {
  const { apply, update } = await ratcheted(scene);
  await apply(filled('notfoo'));
  await update(everywhere(rule('self == "foo"')));
  const other = { otherField: 'doesntmatter' };
  const changed = filled('notfoo', other);
  const made = (await apply({ ...changed, list: [...changed.list, { key: 'baz', field: 'foo', ...other }] })) as KubeObject & { readonly list: readonly object[] };
  scene.t.is(made.list.length, 3);
});

behaviour(`${RATCHETING} MUST fail to update a resource due to CRD Validation Rule errors on unchanged uncorrelatable fields`, async (scene) => {
  const { apply, update } = await ratcheted(scene);
  await apply(arrays('foo', 'bar', 'baz'));
  await update(lists(rule('self != "foo"')));
  await refuses(scene, apply(arrays('foo', 'bar', 'baz', 'notfoo'), { labels: { foo: 'bar' } }), ['atomicArray', 'setArray']);
});

behaviour(`${RATCHETING} MUST fail to update a resource due to CRD Validation Rule errors on changed fields`, async (scene) => {
  const { apply, update } = await ratcheted(scene);
  await apply(filled('foo'));
  await update(everywhere(rule('self == "foo"')));
  await refuses(scene, apply(filled('notfoo')), BY_RULE);
});

behaviour(`${RATCHETING} MUST NOT ratchet errors raised by transition rules`, async (scene) => {
  const { apply, update } = await ratcheted(scene);
  await apply(filled('foo'));
  await update(everywhere(transition('self != oldSelf'), FEW));
  await refuses(scene, apply(filled('foo'), { labels: { foo: 'bar' } }), BY_RULE);
});

behaviour(`${RATCHETING} MUST evaluate a CRD Validation Rule with oldSelf = nil for new values when optionalOldSelf is true`, async (scene) => {
  const { apply, update } = await ratcheted(scene);
  await update(everywhere(transition('!oldSelf.hasValue() || self != oldSelf.value()', { optionalOldSelf: true }), FEW));
  await apply(filled('foo'));
  await refuses(scene, apply(filled('foo'), { labels: { foo: 'bar' } }), BY_RULE);
  scene.t.like(await apply(filled('new')), { field: 'new' } as object);
});
