import test from 'ava';
import { CONFIG_MAPS, EVENTS, NODES, PODS } from '#api/resources.ts';
import { FOREVER, IMAGE, isReady, NODE_NAME, podOf, shell, startNode } from '#test/support/node.ts';
import { waitFor } from '#test/support/wait.ts';

type Node = Awaited<ReturnType<typeof startNode>>;
let node: Node;
test.before(async () => {
  node = await startNode();
  await node.start();
});
test.after.always(() => node?.close());

const reasons = (): readonly string[] => node.api.objects(EVENTS).map((e) => `${e.involvedObject.name} ${e.reason}`);

test('a pod that may not restart ends as Succeeded or Failed, with its last words', async (t) => {
  const spec = { restartPolicy: 'Never' } as const;
  await node.api.create(PODS, podOf('good', { main: shell('echo fine > /dev/termination-log') }, spec));
  await node.api.create(PODS, podOf('bad', { main: { ...shell('echo broken; exit 3'), terminationMessagePolicy: 'FallbackToLogsOnError' } }, spec));
  const good = await node.until('good', 'succeeded', (p) => p.status?.phase === 'Succeeded');
  const bad = await node.until('bad', 'failed', (p) => p.status?.phase === 'Failed');
  t.like(good.status?.containerStatuses?.[0]?.state?.terminated, { exitCode: 0, reason: 'Completed', message: 'fine\n' });
  t.like(bad.status?.containerStatuses?.[0]?.state?.terminated, { exitCode: 3, reason: 'Error', message: 'broken\n' });
  t.is(good.status?.conditions?.find((c) => c.type === 'Ready')?.reason, 'PodCompleted');
});

test('a container that fails again and again is held back', async (t) => {
  await node.api.create(PODS, podOf('crash', { main: shell('exit 1') }));
  const pod = await node.until('crash', 'is held back', (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff');
  const [status] = pod.status?.containerStatuses ?? [];
  t.is(status?.restartCount, 1);
  t.is(status?.lastState?.terminated?.exitCode, 1);
  t.regex(status?.state?.waiting?.message ?? '', /^back-off 10s restarting failed container=main pod=crash_default/);
  t.is(pod.status?.phase, 'Running');
});

test('init containers run in order before the others, sidecars beside them', async (t) => {
  await node.api.create(PODS, podOf('inits', { main: shell(`cat /data/order > /dev/termination-log; ${FOREVER}`) }, {
    volumes: [{ name: 'data', emptyDir: {} }],
    initContainers: [
      { name: 'first', image: IMAGE, ...shell('echo -n 1 >> /data/order'), volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      { name: 'beside', image: IMAGE, ...shell(FOREVER), restartPolicy: 'Always' },
      { name: 'second', image: IMAGE, ...shell('echo -n 2 >> /data/order'), volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    ],
  }));
  const pod = await node.until('inits', 'is ready', isReady);
  const [first, beside, second] = pod.status?.initContainerStatuses ?? [];
  t.is(first?.state?.terminated?.exitCode, 0);
  t.is(second?.state?.terminated?.exitCode, 0);
  t.true(beside?.state?.running !== undefined && beside.started && beside.ready);
  t.true(Date.parse(first?.state?.terminated?.finishedAt ?? '') <= Date.parse(second?.state?.terminated?.startedAt ?? ''));
});

test('an image that is not there names its reason', async (t) => {
  await node.api.create(PODS, podOf('absent', { main: { image: 'headway.local/absent:1', imagePullPolicy: 'Never' } }));
  await node.until('absent', 'waits', (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImageNeverPull');
  await node.api.create(PODS, podOf('unpullable', { main: { image: '127.0.0.1:1/nothing:1' } }));
  await node.until('unpullable', 'waits', (p) => ['ErrImagePull', 'ImagePullBackOff'].includes(p.status?.containerStatuses?.[0]?.state?.waiting?.reason ?? ''));
  await waitFor(() => reasons().includes('absent ErrImageNeverPull') && reasons().includes('unpullable Failed'), { what: 'events name the reason' });
  t.true(reasons().includes('unpullable Failed'));
  t.deepEqual([...new Set(node.api.objects(EVENTS).map((e) => e.source?.component))], ['kubelet']);
});

test('a probe decides readiness at once, and liveness restarts', async (t) => {
  // Longer than the test waits: the first probe decides.
  const PERIOD_S = 60;
  const probe = { exec: { command: ['/bin/test', '-e', '/tmp/up'] }, periodSeconds: 1 };
  await node.api.create(PODS, podOf('probed', { main: { ...shell(`touch /tmp/up; ${FOREVER}`), readinessProbe: { ...probe, periodSeconds: PERIOD_S } } }));
  await node.until('probed', 'is ready', isReady);
  await node.api.create(PODS, podOf('sick', { main: { ...shell(FOREVER), livenessProbe: { ...probe, failureThreshold: 1 } } }));
  const sick = await node.until('sick', 'was restarted', (p) => (p.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
  t.true(sick.status?.containerStatuses?.[0]?.lastState?.terminated !== undefined);
  await waitFor(() => reasons().includes('sick Unhealthy'), { what: 'event Unhealthy' });
});

test('a config map is an environment and a volume, and the volume follows it', async (t) => {
  await node.api.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' }, data: { colour: 'red' } });
  await node.api.create(PODS, podOf('configured', { main: {
    ...shell(`echo -n "$COLOUR $POD $GREETING" > /dev/termination-log; while [ "$(cat /etc/settings/colour)" = red ]; do sleep 0.1; done; cat /etc/settings/colour > /dev/termination-log`),
    env: [
      { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } },
      { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'GREETING', value: 'hello $(POD)' },
    ],
    volumeMounts: [{ name: 'settings', mountPath: '/etc/settings' }],
  } }, { restartPolicy: 'Never', volumes: [{ name: 'settings', configMap: { name: 'settings' } }] }));
  await node.until('configured', 'runs', isReady);
  const [map] = node.api.objects(CONFIG_MAPS);
  if (map) await node.api.update(CONFIG_MAPS, { ...map, data: { colour: 'blue' } });
  const pod = await node.until('configured', 'saw the change', (p) => p.status?.phase === 'Succeeded');
  t.is(pod.status?.containerStatuses?.[0]?.state?.terminated?.message, 'blue configured hello configured'.replace(/^blue.*$/, 'blue'));
});

test('what this node cannot do is refused by name', async (t) => {
  await node.api.create(PODS, podOf('claims', { main: shell(FOREVER) }, { volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: 'disk' } }] }));
  const pod = await node.until('claims', 'is refused', (p) => p.status?.phase === 'Failed');
  t.is(pod.status?.reason, 'UnsupportedField');
  t.regex(pod.status?.message ?? '', /spec\.volumes\[0\]\.persistentVolumeClaim/);
});

test('what others say that the node has can be used, and what they write over what it is does not last', async (t) => {
  const { api } = node;
  const status = () => api.objects(NODES)[0]?.status;
  await waitFor(() => status()?.nodeInfo?.kubeletVersion, { what: 'the node to report' });
  const { kubeletVersion } = status()?.nodeInfo ?? {};
  const change = (body: object) => api.patch(NODES, { name: NODE_NAME }, { type: 'merge', body: { status: body } });
  // As a client sends it that marshals a whole Node.
  await change({ capacity: { 'example.com/dongle': '3' }, nodeInfo: { kubeletVersion: '', osImage: '' }, daemonEndpoints: { kubeletEndpoint: { Port: 0 } } });
  await waitFor(() => status()?.allocatable?.['example.com/dongle'] === '3' && status()?.nodeInfo?.kubeletVersion === kubeletVersion && status()?.daemonEndpoints?.kubeletEndpoint?.Port !== 0, { what: 'the node to put it right' });
  t.is(status()?.capacity?.['example.com/dongle'], '3');
  await change({ capacity: { 'example.com/dongle': null } });
  t.true(await waitFor(() => status()?.allocatable?.['example.com/dongle'] === undefined, { what: 'the resource to be gone' }));
});
