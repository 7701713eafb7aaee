import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import type { TextAnswer } from '../paths.ts';

const GROUPS: ReadonlySet<string> = new Set(BUILT_IN_RESOURCES.map(({ group }) => group));

export const NOT_FOUND: TextAnswer = { status: 404, contentType: 'text/plain; charset=utf-8', headers: { 'x-content-type-options': 'nosniff' }, body: '404 page not found\n' };

/** Whether nothing of the API can be there: Kubernetes answers with a Status only below `/api` and the groups that are built in. */
export function isOutsideApi(path: string): boolean {
  const [first, group = ''] = path.split('/').filter((segment) => segment !== '');
  return first !== 'api' && (first !== 'apis' || group === '' || !GROUPS.has(group));
}
