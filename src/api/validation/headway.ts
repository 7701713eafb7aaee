import type { Problems } from './problems.ts';
import type { NodeRestore } from '#api/headway/v1/types.ts';
import { dns1123Subdomain } from '#api/names.ts';


export function validateNodeRestore(problems: Problems, { spec }: NodeRestore): void {
  problems.checkRequired('spec.nodeName', spec?.nodeName, dns1123Subdomain);
  if (!spec?.storeID) problems.required('spec.storeID');
  for (const [i, pod] of (spec?.pods ?? []).entries()) {
    for (const name of ['name', 'namespace', 'uid'] as const) if (!pod.metadata?.[name]) problems.required(`spec.pods[${i}].metadata.${name}`);
  }
}
