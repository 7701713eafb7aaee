import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { createCustom } from './support/custom-resource.ts';

const RULES = '[sig-api-machinery] CustomResourceValidationRules [Privileged:ClusterAdmin]';
const numbers = (maxItems: number): object => ({ type: 'array', maxItems, items: { type: 'integer' } });
const ofSpec = (spec: object): object => ({ type: 'object', properties: { spec: { type: 'object', ...spec } } });
const SCHEMA = ofSpec({
  'x-kubernetes-validations': [
    { rule: 'self.x + self.y > 0' },
    { rule: 'self.firstArray.isSorted() && self.secondArray.isSorted() && ((self.firstArray.sum() + self.secondArray.sum()) % 2 == 0)' },
    { rule: 'self.largeArray.all(x, self.largeArray.all(y, y == x))' },
  ],
  properties: { x: { type: 'integer' }, y: { type: 'integer' }, firstArray: numbers(1000), secondArray: numbers(1000), largeArray: numbers(725) },
});

async function custom(scene: Scene, schema: object) {
  const resource = (await createCustom(scene, { versions: [{ name: 'v1', schema }] })).resource();
  const { api, namespace } = scene;
  return {
    create: (spec: object) => api.create(resource, { metadata: { name: 'cr-1' }, spec }, { namespace }),
    update: (live: object, spec: object) => api.update(resource, { ...live, spec } as unknown as Sent, { namespace }),
  };
}

/** A definition with such a rule is refused, and the message says why. */
async function refusesDefinition(scene: Scene, schema: object, why: RegExp): Promise<void> {
  const { message } = await scene.api.failure(createCustom(scene, { versions: [{ name: 'v1', schema }] }));
  scene.t.regex(message, why);
}

behaviour(`${RULES} MUST NOT fail validation for create of a custom resource that satisfies the x-kubernetes-validations rules [Conformance]`, async (scene) => {
  const made = await (await custom(scene, SCHEMA)).create({ x: 1, y: 0, firstArray: [3, 4], secondArray: [5, 10], largeArray: [2, 2] });
  scene.t.truthy(made.metadata.uid);
});

behaviour(`${RULES} MUST fail validation for create of a custom resource that does not satisfy the x-kubernetes-validations rules [Conformance]`, async (scene) => {
  const failure = await scene.api.failure((await custom(scene, SCHEMA)).create({ x: 0, y: 0, firstArray: [], secondArray: [], largeArray: [] }));
  scene.t.regex(failure.message, /spec: Invalid value: failed rule: self\.x \+ self\.y > 0$/);
});

behaviour(`${RULES} MUST fail create of a custom resource definition that contains a x-kubernetes-validations rule that refers to a property that do not exist [Conformance]`, (scene) =>
  refusesDefinition(scene, ofSpec({ 'x-kubernetes-validations': [{ rule: 'self.z == 100' }], properties: { x: { type: 'integer' } } }), /undefined field 'z'/));

behaviour(`${RULES} MUST fail create of a custom resource definition that contains an x-kubernetes-validations rule that contains a syntax error [Conformance]`, (scene) =>
  refusesDefinition(scene, ofSpec({ 'x-kubernetes-validations': [{ rule: 'self = 42' }] }), /Syntax error/));

behaviour(`${RULES} MUST fail create of a custom resource definition that contains an x-kubernetes-validations rule that exceeds the estimated cost limit [Conformance]`, (scene) =>
  refusesDefinition(scene, ofSpec({ properties: { x: { type: 'array', items: { type: 'array', items: { type: 'string' }, 'x-kubernetes-validations': [{ rule: "self.all(s, s == 'string constant')" }] } } } }), /exceeds budget/));

behaviour(`${RULES} MUST fail create of a custom resource that exceeds the runtime cost limit for x-kubernetes-validations rule execution [Conformance]`, async (scene) => {
  const failure = await scene.api.failure((await custom(scene, SCHEMA)).create({ largeArray: Array.from({ length: 725 }, () => 20) }));
  scene.t.regex(failure.message, /'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self\.largeArray\.all/);
});

behaviour(`${RULES} MUST fail update of a custom resource that does not satisfy a x-kubernetes-validations transition rule [Conformance]`, async (scene) => {
  const kind = await custom(scene, ofSpec({ properties: { num: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > oldSelf' }] } } }));
  const live = await kind.create({ num: 10 });
  scene.t.regex((await scene.api.failure(kind.update(live, { num: 9 }))).message, /failed rule: self > oldSelf/);
});
