import { inspect } from 'node:util';
import test from 'ava';
import { exactInteger } from '#api/exact-json.ts';
import { validateCustomScale, validateCustomScaleStatus } from '#api/validation/custom-scale.ts';
import { Problems } from '#api/validation/problems.ts';

const SCALE = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n', labelSelectorPath: '.status.s' };
const cases: readonly (readonly [unknown, readonly string[]])[] = [
  [{ spec: { n: 1 }, status: { s: 'a=b' } }, []],
  [{ spec: 'x', status: null }, ['.spec.n: Invalid value: 0: .spec.n accessor error: x is of the type string, expected map[string]interface{}']],
  [{ spec: { n: -1 } }, ['.spec.n: Invalid value: -1: should be a non-negative integer']],
  [{ spec: { n: 2 ** 31 } }, ['.spec.n: Invalid value: 2147483648: should be less than or equal to 2147483647']],
  [{ spec: { n: exactInteger(9223372036854775807n) } }, ['.spec.n: Invalid value: 9223372036854775807: should be less than or equal to 2147483647']],
  [{ spec: { n: 'x' }, status: { s: 1 } }, ['.spec.n: Invalid value: 0: .spec.n accessor error: x is of the type string, expected int64', '.status.s: Invalid value: "": .status.s accessor error: 1 is of the type int64, expected string']],
];
for (const [object, expected] of cases) {
  test(`the scale of ${inspect(object)}`, (t) => {
    const problems = new Problems();
    validateCustomScale(problems, object, SCALE);
    validateCustomScaleStatus(problems, object, SCALE);
    t.deepEqual(problems.causes.map((c) => `${c.field}: ${c.message}`), expected);
  });
}
