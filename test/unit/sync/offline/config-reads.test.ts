import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { readAtStart } from '#sync/offline/config-reads.ts';

const deployment = (spec: object, apiVersion = 'apps/v1'): KubeObject => ({ apiVersion, kind: 'Deployment', metadata: { name: 'web' }, spec: { template: { spec } } } as KubeObject);

test('environment and mounts of single files are read once; other mounts follow', (t) => {
  const found = readAtStart(deployment({
    initContainers: [{ envFrom: [{ secretRef: { name: 'init' } }] }],
    containers: [{
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'key', key: 'a' } } }, { name: 'B', valueFrom: { secretKeyRef: { name: 'token', key: 'b' } } }, { name: 'C', value: 'c' }],
      envFrom: [{ configMapRef: { name: 'all' } }],
      volumeMounts: [{ name: 'file', mountPath: '/a', subPath: 'a' }, { name: 'folder', mountPath: '/b' }],
    }],
    volumes: [{ name: 'file', configMap: { name: 'one-file' } }, { name: 'folder', configMap: { name: 'follows' } }],
  }));
  t.deepEqual([...found].sort(), ['ConfigMap/all', 'ConfigMap/key', 'ConfigMap/one-file', 'Secret/init', 'Secret/token']);
});

test('what has no pods, or pods of one run, reads nothing', (t) => {
  t.is(readAtStart(deployment({ containers: [{ envFrom: [{ configMapRef: { name: 'all' } }] }] }, 'batch/v1')).size, 0);
  t.is(readAtStart({ apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'x' } }).size, 0);
});
