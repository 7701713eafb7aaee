import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { isEqual } from '../../storage/equality.ts';
import type { Strategy } from '../strategy.ts';

type Claim = PersistentVolumeClaim & KubeObject;
type Reference = NonNullable<PersistentVolumeClaimSpec['dataSource']>;

export const PERSISTENT_VOLUME_CLAIM: Strategy = {
  returnsDeleted: true,
  prepareCreate: (claim) => withSources(claim as Claim, undefined),
  prepareUpdate: (claim, live) => (hasSameSources(claim as Claim, live as Claim) ? claim : withSources(claim as Claim, live as Claim)),
};

/** What was made before both fields were filled in stays as it is: sources may not change. */
const hasSameSources = ({ spec }: Claim, { spec: old }: Claim): boolean => (['dataSource', 'dataSourceRef'] as const).every((name) => isEqual(spec?.[name], old?.[name]));

/** What a volume is filled from stands in an old field and in a new one: who fills in one of them gets both, and clients of either find it. */
function withSources(claim: Claim, live: Claim | undefined): Claim {
  const { dataSource: given, dataSourceRef: givenReference, ...spec } = claim.spec ?? {};
  const dataSourceRef = isElsewhere(givenReference) && live?.spec?.dataSourceRef === undefined ? undefined : givenReference;
  const isDropped = given !== undefined && dataSourceRef === undefined && live?.spec?.dataSource === undefined && !isKnown(given);
  const old = isDropped ? undefined : given;
  // Only the new field can name another namespace.
  const dataSource = old ?? (dataSourceRef === undefined || dataSourceRef.namespace ? undefined : plain(dataSourceRef));
  const reference = dataSourceRef ?? old;
  if (dataSource === claim.spec?.dataSource && reference === givenReference) return claim;
  return { ...claim, spec: { ...spec, ...(dataSource === undefined ? {} : { dataSource }), ...(reference === undefined ? {} : { dataSourceRef: reference }) } };
}

/** To fill a volume from another namespace is a feature that is off. */
const isElsewhere = (reference: PersistentVolumeClaimSpec['dataSourceRef']): boolean => Boolean(reference?.namespace);

/** Before there was the new field, sources of other kinds were dropped in silence. */
function isKnown({ apiGroup = '', kind }: Reference): boolean {
  return (apiGroup === '' && kind === 'PersistentVolumeClaim') || (apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot');
}

const plain = ({ apiGroup, kind, name }: Reference): Reference => ({ ...(apiGroup === undefined ? {} : { apiGroup }), kind, name });
