import { isOutside } from './paths.ts';
import type { Problems } from './problems.ts';
import type { Application, NodeRestore } from '#api/headway/v1/types.ts';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';

export function validateApplication(problems: Problems, { spec }: Application): void {
  problems.checkRequired('spec.repository', spec?.repository, dns1123Subdomain);
  if (spec?.path && isOutside(spec.path)) problems.invalid('spec.path', spec.path, "must be a folder inside the repository, without a leading slash or '..'");
  if (spec?.destinationNamespace) problems.check('spec.destinationNamespace', spec.destinationNamespace, dns1123Label);
}

export function validateNodeRestore(problems: Problems, { spec }: NodeRestore): void {
  problems.checkRequired('spec.nodeName', spec?.nodeName, dns1123Subdomain);
  if (!spec?.storeID) problems.required('spec.storeID');
  for (const [i, pod] of (spec?.pods ?? []).entries()) {
    for (const name of ['name', 'namespace', 'uid'] as const) if (!pod.metadata?.[name]) problems.required(`spec.pods[${i}].metadata.${name}`);
  }
}
