import { JOBS } from '#api/resources.ts';
import type { Client } from '#client/client.ts';

/** What the job controller would say when the pods of a job have ended. */
export async function endJob(client: Client, name: string, how: 'Complete' | 'Failed', namespace = 'default'): Promise<void> {
  const now = new Date().toISOString().replace(/\.\d+/, '');
  const condition = (type: string): object => ({ type, status: 'True', reason: 'Test', message: `the job is ${type}`, lastTransitionTime: now, lastProbeTime: now });
  const status = how === 'Complete'
    ? { startTime: now, completionTime: now, succeeded: 1, conditions: [condition('SuccessCriteriaMet'), condition('Complete')] }
    : { startTime: now, failed: 1, conditions: [condition('FailureTarget'), condition('Failed')] };
  await client.patch(JOBS, { namespace, name }, { type: 'merge', body: { status } }, { subresource: 'status' });
}
