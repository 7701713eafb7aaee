import type { PersistentVolumeClaim } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { compare, parseQuantity, type Quantity } from '#api/quantity.ts';
import { type Amounts, ONE } from './amounts.ts';
import { meets, type QuotaEvaluator } from './evaluator.ts';

type Claim = PersistentVolumeClaim & KubeObject;

const NAMES: ReadonlySet<string> = new Set(['count/persistentvolumeclaims', 'persistentvolumeclaims', 'requests.storage']);
/** `gold.storageclass.storage.k8s.io/requests.storage` limits the claims of one class. */
const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export const CLAIMS_EVALUATOR: QuotaEvaluator = {
  resource: 'persistentvolumeclaims',
  countsUpdate: () => true,
  counts: (name) => NAMES.has(name) || name.endsWith(`${CLASS_SUFFIX}requests.storage`) || name.endsWith(`${CLASS_SUFFIX}persistentvolumeclaims`),
  isInScope: (requirement, object) => requirement.scopeName === 'VolumeAttributesClass' && meets(requirement, attributesClasses(object as Claim)),
  usage: (object) => usage(object as Claim),
};

function usage(claim: Claim): Amounts {
  const storageClass = claim.metadata.annotations?.[CLASS_ANNOTATION] ?? claim.spec?.storageClassName ?? '';
  const storage = storageOf(claim);
  const all = { 'count/persistentvolumeclaims': ONE, persistentvolumeclaims: ONE, ...(storage ? { 'requests.storage': storage } : {}) };
  if (storageClass === '') return all;
  return { ...all, [`${storageClass}${CLASS_SUFFIX}persistentvolumeclaims`]: ONE, ...(storage ? { [`${storageClass}${CLASS_SUFFIX}requests.storage`]: storage } : {}) };
}

/** While a volume grows, the larger of what is wanted and what is given counts. */
function storageOf({ spec, status }: Claim): Quantity | undefined {
  const [wanted, given] = [spec?.resources?.requests?.['storage'], status?.allocatedResources?.['storage']].map((text) => (text === undefined ? undefined : parseQuantity(text)));
  return wanted && given && compare(given, wanted) > 0 ? given : wanted;
}

const attributesClasses = ({ spec, status }: Claim): readonly string[] =>
  [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].filter((name): name is string => name !== undefined && name !== '');
