import type { Application, Project } from '#api/headway/v1/types.ts';
import { ROOT_NAMESPACE } from '../bootstrap.ts';

/**
 * As whom sync acts for an application: the service account of its project; undefined as itself. Outside of headway-system never as itself,
 * so that whoever may create Applications in a namespace gets no more rights by it than they have.
 */
export function actingUser({ metadata }: Application, project: Project | undefined): string | undefined {
  const account = project?.spec.serviceAccount;
  if (account) return userOf(...(account.split('/') as [string, string]));
  return metadata.namespace === ROOT_NAMESPACE ? undefined : userOf(metadata.namespace ?? '', 'default');
}

const userOf = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`;
