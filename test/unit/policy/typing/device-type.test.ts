import test from 'ava';
import { CelCompiler } from '#policy/cel.ts';
import { DEVICE_VARIABLES } from '#policy/typing/device-type.ts';

const compiler = new CelCompiler();

// The figures are those of Kubernetes' own table (dynamic-resource-allocation/cel).
for (const [expression, cost] of [
  ['true', 0],
  ['device.attributes["no-such-domain"].noSuchAttr.isGreaterThan(quantity("0"))', 6],
  ['"dra.example.com" in device.attributes', 3],
  ['device.driver == ""', 2],
  ['device.driver == "dra.example.com"', 4],
  ['device.attributes["dra.example.com"].name', 4],
  ['device.attributes["dra.example.com"]["name"]', 4],
  ['cel.bind(dra, device.attributes["dra.example.com"], dra.name)', 15],
  ['device.attributes["dra.example.com"].name > 0', 5],
  ['device.attributes["dra.example.com"].name == "fish"', 5],
] as const) {
  test(`a selector of devices costs at most ${cost}: ${expression}`, (t) => {
    t.is(compiler.expression(expression, { path: '', types: DEVICE_VARIABLES, isForDevices: true }).estimate(), cost);
  });
}

test('what goes over all pairs of attributes costs with their number', (t) => {
  const of = (expression: string): number => compiler.expression(expression, { path: '', types: DEVICE_VARIABLES, isForDevices: true }).estimate();
  t.true(of('device.attributes.all(d, device.attributes[d].all(a, true))') < 10_000);
  t.true(of('device.attributes.all(d, device.attributes.all(e, device.attributes[d].all(a, device.attributes[e].all(b, true))))') > 1_000_000);
});
