import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { parseYaml } from '#api/yaml.ts';
import { healthOf } from '#sync/health/rules.ts';

interface Golden { readonly expect: string; readonly object: KubeObject }

/** Only the names count for the rules. */
function resourceOf({ apiVersion, kind }: KubeObject): ResourceType {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const plural = kind.toLowerCase().replace(/y$/, 'ie').replace(/(ss|[^s])$/, (end) => `${end}${end === 'ss' ? 'es' : 's'}`);
  return { group, version, kind, plural, singular: kind.toLowerCase(), shortNames: [], categories: [], namespaced: true, verbs: [], subresources: [] };
}

for (const file of ['built-in.yaml', 'operators.yaml']) {
  const text = readFileSync(join(import.meta.dirname, '../../../testdata/health', file), 'utf8');
  (parseYaml(text).value as readonly Golden[]).forEach(({ expect, object }, i) => {
    const [status, message = ''] = expect.split(/: (.*)/);
    test(`${file} ${i + 1}: ${object.kind} is ${expect}`, (t) => {
      const health = healthOf(resourceOf(object), { ...object, metadata: Object.assign({ name: 'it' }, object.metadata) }, { pods: [] });
      t.is(health.status, status as never, health.message);
      t.true(health.message.includes(message), health.message);
      if (status !== 'Healthy') t.not(health.message.trim(), '');
    });
  });
}
