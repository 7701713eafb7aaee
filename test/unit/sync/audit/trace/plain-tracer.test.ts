import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { plainTracer } from '#sync/audit/trace/plain-tracer.ts';

const TEXT = `apiVersion: v1
kind: Secret
metadata:
  name: db
data:
  both: b2xk
  plain: cGxhaW4=
stringData:
  both: new
  clear: text
`;
const live = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'shop' } } as KubeObject;

for (const [key, line] of [['plain', 7], ['clear', 10], ['both', 9], ['other', undefined]] as const) {
  test(`the key ${key} of a Secret is at ${line === undefined ? 'no line' : `line ${line}`}: stringData goes before data`, (t) => {
    const trace = plainTracer({ path: 'db.yaml', text: TEXT }, live)?.trace({ path: ['data', key], value: '<redacted>', isOurs: true, managers: [] });
    t.deepEqual(trace, line === undefined ? { kind: 'absent' } : { kind: 'place', place: { path: 'db.yaml', line, last: line } });
  });
}
