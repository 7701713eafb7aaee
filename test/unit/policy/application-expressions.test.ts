import test from 'ava';
import { applicationExpressionCauses } from '#policy/application-expressions.ts';

const ready = (...sources: readonly string[]) => ({ dependsOn: sources.map((source) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'gate', ready: source })) });
const health = (expressions: object) => ({ health: [{ kind: 'Gadget', ...expressions }] });

for (const [name, spec, field, message] of [
  ['does not parse', ready('true', 'object.('), 'spec.dependsOn[1].ready', /^Invalid value: "object\.\(": ERROR: <input>:1:8/],
  ['reads another variable', health({ degraded: 'self.bad' }), 'spec.health[0].degraded', /undeclared reference to 'self'/],
  ['is no condition', health({ healthy: '"yes"' }), 'spec.health[0].healthy', /must evaluate to bool, not string/],
  ['is no message', health({ healthy: 'true', message: '1' }), 'spec.health[0].message', /must evaluate to string, not int/],
] as const) {
  test(`an expression that ${name} is refused with its field`, (t) => {
    const causes = applicationExpressionCauses('spec', spec);
    t.deepEqual(causes.map((cause) => cause.field), [field]);
    t.regex(causes[0]?.message ?? '', message);
  });
}

test('what compiles is taken, and so is what was accepted once or has parameters', (t) => {
  t.deepEqual(applicationExpressionCauses('spec', { ...ready('object.data.open == "yes"'), ...health({ healthy: 'object.status.ok', message: '"it is " + object.status.word' }) }), []);
  t.deepEqual(applicationExpressionCauses('spec', ready('true', 'object.('), ready('object.(')), []);
  t.deepEqual(applicationExpressionCauses('spec.template.spec', ready('object.data.{{key}} == "yes"')), []);
  t.deepEqual(applicationExpressionCauses('spec', undefined), []);
});
