import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { restartOf } from '#sync/offline/restarts.ts';

type Spec = Readonly<Record<string, unknown>>;

const workload = (kind: string, spec: Spec, apiVersion = 'apps/v1'): KubeObject => ({ apiVersion, kind, metadata: { name: 'web', namespace: 'demo' }, spec } as KubeObject);
const template = (image: string, more: Spec = {}): Spec => ({ template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }], ...more } } });
const [OLD, NEW] = [template('web:1'), template('web:2')];
const IMAGE = 'containers.web.image: web:1 → web:2';

const CASES: Readonly<Record<string, { readonly before?: KubeObject; readonly after?: KubeObject; readonly is: readonly [string, number | undefined, ...string[]] | undefined }>> = {
  'a new Deployment starts its pods': { after: workload('Deployment', { replicas: 3, ...NEW }), is: ['started', 3] },
  'a Deployment that goes stops them': { before: workload('Deployment', { replicas: 3, ...NEW }), is: ['stopped', 3] },
  'another image replaces pods': { before: workload('Deployment', { replicas: 2, ...OLD }), after: workload('Deployment', { replicas: 2, ...NEW }), is: ['replaced', 2, IMAGE] },
  'strategy Recreate stops all of them first': { before: workload('Deployment', { replicas: 2, ...OLD }), after: workload('Deployment', { replicas: 2, strategy: { type: 'Recreate' }, ...NEW }), is: ['recreated', 2, IMAGE] },
  'a paused Deployment waits': { before: workload('Deployment', { replicas: 2, ...OLD }), after: workload('Deployment', { replicas: 2, paused: true, ...NEW }), is: ['waiting', 2, IMAGE] },
  'OnDelete waits': { before: workload('StatefulSet', { replicas: 2, ...OLD }), after: workload('StatefulSet', { replicas: 2, updateStrategy: { type: 'OnDelete' }, ...NEW }), is: ['waiting', 2, IMAGE] },
  'pods below the partition stay': { before: workload('StatefulSet', { replicas: 5, ...OLD }), after: workload('StatefulSet', { replicas: 5, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 3 } }, ...NEW }), is: ['replaced', 2, IMAGE] },
  'a DaemonSet has a pod a node': { before: workload('DaemonSet', OLD), after: workload('DaemonSet', NEW), is: ['replaced', undefined, IMAGE] },
  'more replicas restart nothing': { before: workload('Deployment', { replicas: 2, ...OLD }), after: workload('Deployment', { replicas: 4, ...OLD }), is: ['scaled', 4, 'replicas: 2 → 4'] },
  'nothing else restarts': { before: workload('Deployment', { replicas: 2, ...OLD }), after: workload('Deployment', { replicas: 2, revisionHistoryLimit: 3, ...OLD }), is: undefined },
  'a Deployment without replicas has no pods to restart': { before: workload('Deployment', { replicas: 0, ...OLD }), after: workload('Deployment', { replicas: 0, ...NEW }), is: undefined },
  'a ReplicaSet keeps the pods that it has': { before: workload('ReplicaSet', { replicas: 2, ...OLD }), after: workload('ReplicaSet', { replicas: 2, ...NEW }), is: undefined },
  'a CronJob takes the new template at its next run': { before: workload('CronJob', { jobTemplate: { spec: OLD } }, 'batch/v1'), after: workload('CronJob', { jobTemplate: { spec: NEW } }, 'batch/v1'), is: undefined },
  'labels of a pod restart nothing': { before: { ...workload('Pod', { containers: [] }, 'v1') }, after: { ...workload('Pod', { containers: [] }, 'v1'), metadata: { name: 'web', namespace: 'demo', labels: { a: 'b' } } }, is: undefined },
  'a container that comes first changes no other': {
    before: workload('Deployment', { replicas: 1, ...OLD }),
    after: workload('Deployment', { replicas: 1, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'proxy', image: 'proxy:1' }, { name: 'web', image: 'web:1' }] } } }),
    is: ['replaced', 1, 'containers.proxy is new'],
  },
  'another name of a hashed ConfigMap is the reason': {
    before: workload('Deployment', { replicas: 1, ...template('web:1', { volumes: [{ name: 'config', configMap: { name: 'web-a1' } }] }) }),
    after: workload('Deployment', { replicas: 1, ...template('web:1', { volumes: [{ name: 'config', configMap: { name: 'web-b2' } }] }) }),
    is: ['replaced', 1, 'volumes.config.configMap.name: web-a1 → web-b2'],
  },
  'many reasons are counted': {
    before: workload('Deployment', { replicas: 1, ...OLD }),
    after: workload('Deployment', { replicas: 1, ...template('web:2', { hostPID: true, hostIPC: true, hostNetwork: true, hostname: 'x' }) }),
    is: ['replaced', 1, 'containers.web.image: web:1 → web:2', 'hostPID: true', 'hostIPC: true', 'and 2 more'],
  },
};

for (const [name, { before, after, is }] of Object.entries(CASES)) {
  test(name, (t) => {
    const restart = restartOf(before, after);
    const [how, pods, ...reasons] = is ?? [];
    t.deepEqual(restart && { how: restart.how, pods: restart.pods, reasons: restart.reasons }, is && { how: how as never, pods, reasons });
  });
}
