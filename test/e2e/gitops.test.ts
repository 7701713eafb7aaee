import { availableParallelism, loadavg } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import type { Event } from '#api/generated/core/v1.ts';
import type { Application } from '#api/headway/v1/types.ts';
import type { ObjectList } from '#api/object.ts';
import { curl, isReady, serviceAddress, waitForWeb, webPods } from '#test/support/demo.ts';
import { TestHeadway } from '#test/support/headway.ts';
import { waitFor } from '#test/support/wait.ts';

const WEB = 'clusters/demo/web.yaml';
const headway = new TestHeadway();
test.before(async (t) => {
  t.timeout(120_000);
  await headway.up();
  // What goes through at once does not wait for another try of what was refused.
  await headway.kubectl('-n', 'headway-system', 'patch', 'applications.headway.dev', 'root', '--type=merge', '-p', '{"spec":{"syncPolicy":{"retry":{"interval":"1h"}}}}');
});
test.afterEach.always(async (t) => {
  if (!t.passed) t.log(await headway.describe());
});
test.after.always(() => headway.cleanUp());

const application = (): Promise<Application> => headway.json<Application>('-n', 'headway-system', 'get', 'applications.headway.dev', 'root');
const variableOf = (pods: Awaited<ReturnType<typeof webPods>>, variable: string): readonly (string | undefined)[] =>
  pods.map((p) => p.spec.containers[0]?.env?.find((e) => e.name === variable)?.value);

/** Milliseconds from now until `probe` answers. */
async function elapsed(probe: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await probe();
  return performance.now() - start;
}

/** By how much a process is slower because it shares the processors with others. */
const crowding = (): number => Math.max(1, (loadavg()[0] ?? 1) / availableParallelism());

/**
 * Whether it takes less than the limit, which is one of a machine with nothing else to do. What others do there comes and goes: of up to
 * three times, one must be short enough.
 */
async function isWithin(t: ExecutionContext, limitMs: number, measure: () => Promise<number>): Promise<void> {
  const times: string[] = [];
  let isFast = false;
  while (!isFast && times.length < 3) {
    const [ms, factor] = [await measure(), crowding()];
    isFast = ms < limitMs * factor;
    times.push(`${Math.round(ms)} ms${factor > 1 ? ` on a machine that is ${factor.toFixed(1)} times as slow` : ''}`);
  }
  t.log(times.join(', '));
  t.true(isFast, `took ${times.join(', ')}`);
}

test.serial('the demo is Ready and its Service answers on the virtual address, from the host and from a pod', async (t) => {
  const pods = await webPods(headway);
  t.is(pods.length, 2);
  t.true(pods.every(isReady));
  const url = `http://${await serviceAddress(headway)}/`;
  t.regex(await curl(url), /Headway/);
  t.regex(await headway.kubectl('-n', 'demo', 'exec', pods[0]?.metadata.name ?? '', '--', 'busybox', 'wget', '-q', '-O', '-', url), /Headway/);
});

test.serial('the Job of the demo completes', async (t) => {
  t.regex(await headway.kubectl('-n', 'demo', 'wait', '--for=condition=Complete', 'job', '--all', '--timeout=20s'), /self-check condition met/);
});

test.serial('kubectl logs shows what a container wrote', async (t) => {
  const pods = await webPods(headway);
  await headway.kubectl('-n', 'demo', 'exec', pods[0]?.metadata.name ?? '', '--', 'sh', '-c', 'echo marked > /proc/1/fd/1');
  const log = await waitFor(async () => {
    const text = await headway.kubectl('-n', 'demo', 'logs', pods[0]?.metadata.name ?? '');
    return text.includes('marked') && text;
  }, { what: 'the log line' });
  t.regex(log, /^marked$/m);
});

test.serial('each object names the commit, path and author that put it there', async (t) => {
  const service = await headway.json<{ metadata: { annotations: Record<string, string> } }>('-n', 'demo', 'get', 'service', 'web');
  t.is(service.metadata.annotations['headway.dev/commit'], headway.repository.git('rev-parse', 'HEAD'));
  t.regex(service.metadata.annotations['headway.dev/path'] ?? '', /^clusters\/demo\/.*\.yaml/);
  t.regex(service.metadata.annotations['headway.dev/author'] ?? '', /Ada Tester/);
});

test.serial('a commit rolls the Deployment within 3 s, one replica at a time, and a revert brings the old state back', async (t) => {
  const versions = [variableOf(await webPods(headway), 'VERSION')[0] ?? ''];
  const isRolled = (value: string): Promise<unknown> =>
    waitForWeb(headway, (pods) => pods.length === 2 && pods.every(isReady) && variableOf(pods, 'VERSION').every((v) => v === value), `all pods with ${value}`);
  await isWithin(t, 3000, () => {
    const next = `next-${versions.length}`;
    versions.push(next);
    headway.repository.edit(WEB, /(name: VERSION\n\s+value: ).*/, `$1"${next}"`);
    headway.repository.commit(`Version ${next}`);
    return elapsed(() => isRolled(next));
  });
  headway.repository.git('revert', '--no-edit', 'HEAD');
  await isRolled(versions.at(-2) ?? '');
});

test.serial('a deleted pod is replaced within 1 s', async (t) => {
  await isWithin(t, 1000, async () => {
    const victim = (await webPods(headway)).find(isReady);
    await headway.kubectl('-n', 'demo', 'delete', 'pod', victim?.metadata.name ?? '', '--wait=false');
    return elapsed(() => waitForWeb(headway, (pods) => pods.filter((p) => isReady(p) && p.metadata.uid !== victim?.metadata.uid).length === 2, 'a replacement'));
  });
});

test.serial('a scaled Deployment is put back within 1 s', async (t) => {
  await isWithin(t, 1000, async () => {
    await headway.kubectl('-n', 'demo', 'scale', 'deployment', 'web', '--replicas=4');
    return elapsed(() => waitFor(async () => (await headway.kubectl('-n', 'demo', 'get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}')) === '2', { what: 'replicas of Git' }));
  });
  await waitForWeb(headway, (pods) => pods.filter((p) => p.metadata.deletionTimestamp === undefined).length === 2, 'two pods');
});

test.serial('a deleted Service is back within 1 s, on the same address', async (t) => {
  const address = await serviceAddress(headway);
  await isWithin(t, 1000, async () => {
    await headway.kubectl('-n', 'demo', 'delete', 'service', 'web', '--wait=false');
    return elapsed(() => waitFor(async () => (await serviceAddress(headway)) === address, { what: 'the Service' }));
  });
  await waitFor(async () => (await curl(`http://${address}/`)).includes('Headway'), { what: 'an answer from the Service' });
});

interface BrokenCommit {
  readonly name: string;
  readonly breakIt: () => void;
  readonly file: string;
  readonly line?: number;
  readonly reason: RegExp;
}
const EXTRA = 'clusters/demo/extra.yaml';
const configMap = (rest: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n  namespace: demo\n${rest}`;
const BROKEN: readonly BrokenCommit[] = [
  { name: 'bad YAML', breakIt: () => headway.repository.write(EXTRA, configMap('data:\n  a: [1, 2\n  b: "x"\n')), file: EXTRA, line: 8, reason: /YAML/i },
  { name: 'an unknown kind', breakIt: () => headway.repository.write(EXTRA, 'apiVersion: example.org/v1\nkind: Gadget\nmetadata:\n  name: extra\n'), file: EXTRA, line: 2, reason: /Gadget/ },
  { name: 'an invalid field', breakIt: () => headway.repository.edit(WEB, /replicas: \d+/, 'replicas: -3'), file: WEB, reason: /replicas/ },
  { name: 'an unknown field', breakIt: () => headway.repository.edit(WEB, /( +)replicas: (\d+)/, '$1replicas: $2\n$1replcas: 3'), file: WEB, reason: /replcas/ },
];

for (const { name, breakIt, file, line, reason } of BROKEN) {
  test.serial(`${name} in a commit: the last good state stays, status and Event say where, the next commit goes through`, async (t) => {
    const good = (await application()).status?.syncedRevision;
    const running = async (): Promise<readonly (string | undefined)[]> => (await webPods(headway)).filter(isReady).map((p) => p.metadata.uid).sort();
    const before = await running();
    breakIt();
    const bad = headway.repository.commit(`Break it: ${name}`);
    const app = await waitFor(async () => {
      const found = await application();
      return found.status?.attemptedRevision === bad && (found.status.errors?.length ?? 0) > 0 && found;
    }, { what: 'the error in the status' });
    const [error] = app.status?.errors ?? [];
    t.is(app.status?.syncedRevision, good);
    t.is(error?.path, file);
    if (line === undefined) t.is(typeof error?.line, 'number');
    else t.is(error?.line, line);
    t.regex(`${error?.reason} ${error?.message}`, reason);
    const event = await waitFor(async () => {
      const { items } = await headway.json<ObjectList<Event>>('-n', 'headway-system', 'get', 'events');
      return items.find((e) => e.type === 'Warning' && e.message?.includes(`${file}:${error?.line}`) && reason.test(e.message));
    }, { what: 'a Warning Event with file and line' });
    t.truthy(event);
    t.deepEqual(await running(), before);
    headway.repository.git('revert', '--no-edit', 'HEAD');
    const fixed = headway.repository.git('rev-parse', 'HEAD');
    await waitFor(async () => (await application()).status?.syncedRevision === fixed, { what: 'the good commit' });
  });
}

test.serial('a missing image: the old pods keep serving, the status says so, and the next good commit goes through at once', async (t) => {
  const address = await serviceAddress(headway);
  headway.repository.edit(WEB, /image: .*/, 'image: headway.local/none:1');
  headway.repository.commit('Name an image that is not there');
  const app = await waitFor(async () => {
    const found = await application();
    return found.status?.conditions?.some((c) => c.type === 'Healthy' && c.status === 'False' && /none:1|Image/.test(c.message)) && found;
  }, { what: 'an unhealthy condition that names the image', timeoutMs: 15_000 });
  t.regex(app.status?.conditions?.find((c) => c.type === 'Healthy')?.message ?? '', /web\.yaml:\d+/);
  await waitFor(async () => {
    const { items } = await headway.json<ObjectList<Event>>('-n', 'headway-system', 'get', 'events');
    return items.some((e) => e.type === 'Warning' && /web\.yaml:\d+.*none:1/.test(e.message ?? ''));
  }, { what: 'a Warning Event with file, line and image' });
  t.regex(await curl(`http://${address}/`), /Headway/);
  headway.repository.git('revert', '--no-edit', 'HEAD');
  await waitForWeb(headway, (pods) => pods.length === 2 && pods.every(isReady), 'two good pods');
});

test.serial('what Git no longer names is pruned', async (t) => {
  headway.repository.write(EXTRA, configMap('data:\n  a: b\n'));
  headway.repository.commit('Add a ConfigMap');
  await waitFor(async () => (await headway.tryKubectl('-n', 'demo', 'get', 'configmap', 'extra')).code === 0, { what: 'the ConfigMap' });
  headway.repository.remove(EXTRA);
  headway.repository.commit('Remove it');
  await waitFor(async () => (await headway.tryKubectl('-n', 'demo', 'get', 'configmap', 'extra')).code !== 0, { what: 'the pruning' });
  t.is((await webPods(headway)).length, 2);
});
