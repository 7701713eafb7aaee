/** What the end-to-end tests ask about clusters/demo. */
import type { Pod } from '#api/generated/core/v1.ts';
import type { ObjectList } from '#api/object.ts';
import { exec, type TestHeadway } from './headway.ts';
import { waitFor } from './wait.ts';

export interface RunningContainer {
  readonly pod: string;
  readonly uid: string;
  readonly containerID: string;
  readonly startedAt: string;
  readonly restarts: number;
}

export async function webPods(headway: TestHeadway): Promise<readonly Pod[]> {
  const { items } = await headway.json<ObjectList<Pod>>('-n', 'demo', 'get', 'pods', '-l', 'app=web');
  return items;
}

export const isReady = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined && (pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false);

/** The containers of the web pods, by pod name; equal before and after means that nothing was restarted. */
export async function containersOf(headway: TestHeadway): Promise<readonly RunningContainer[]> {
  return (await webPods(headway)).map((pod) => {
    const status = pod.status?.containerStatuses?.[0];
    return {
      pod: pod.metadata.name, uid: pod.metadata.uid ?? '', containerID: status?.containerID ?? '',
      startedAt: status?.state?.running?.startedAt ?? '', restarts: status?.restartCount ?? -1,
    };
  }).sort((a, b) => a.pod.localeCompare(b.pod));
}

export function waitForWeb(headway: TestHeadway, accept: (pods: readonly Pod[]) => boolean, what: string, timeoutMs = 15_000): Promise<readonly Pod[]> {
  return waitFor(async () => {
    const pods = await webPods(headway);
    return accept(pods) && pods;
  }, { what, timeoutMs, intervalMs: 20 });
}

export const serviceAddress = (headway: TestHeadway): Promise<string> => headway.kubectl('-n', 'demo', 'get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');

/** GET from the host; the body. */
export async function curl(url: string): Promise<string> {
  const result = await exec('curl', ['--silent', '--show-error', '--fail', '--max-time', '2', url]);
  if (result.code !== 0) throw new Error(result.stderr);
  return result.stdout;
}
