import { chain, type Default, each, filling, forEach, inside } from './fill.ts';
import { fieldRefDefaults, pullPolicy } from './references.ts';
import { RESOURCES } from './resource-lists.ts';
import type { JsonObject } from '#api/json.ts';

/** 0644, as Kubernetes gives it to files of Secrets, ConfigMaps and the like. */
const FILE_MODE = 0o644;
const TOKEN_SECONDS = 3600;

const mode = filling({ defaultMode: FILE_MODE });
const CEPH = { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' };

/** Of a claim, and of what a volume makes one of. */
export const claimSpecDefaults = chain(filling({ volumeMode: 'Filesystem' }), inside('resources', RESOURCES));

/** By the member that names the source; each may stand in a pod's volume, most in a PersistentVolume too. */
const SOURCES: Readonly<Record<string, Default>> = {
  secret: mode,
  configMap: mode,
  hostPath: filling({ type: '' }),
  downwardAPI: (source) => each(mode(source), 'items', fieldRefDefaults),
  projected: (source) => each(mode(source), 'sources', chain(
    inside('serviceAccountToken', filling({ expirationSeconds: TOKEN_SECONDS })),
    inside('downwardAPI', forEach('items', fieldRefDefaults)),
  )),
  ephemeral: inside('volumeClaimTemplate', inside('spec', claimSpecDefaults)),
  image: (source) => (source['pullPolicy'] ? source : { ...source, pullPolicy: pullPolicy(source['reference']) }),
  iscsi: filling({ iscsiInterface: 'default' }),
  rbd: filling(CEPH),
  azureDisk: filling({ cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' }),
  scaleIO: filling({ storageMode: 'ThinProvisioned', fsType: 'xfs' }),
};

export function volumeSourceDefaults(holder: JsonObject): JsonObject {
  let result = holder;
  for (const name of Object.keys(holder)) {
    const source = SOURCES[name];
    if (source !== undefined) result = inside(name, source)(result);
  }
  return result;
}

/** A volume that names no source is an empty directory. */
export const volumeDefaults: Default = (volume) =>
  Object.keys(volume).every((name) => name === 'name') ? { ...volume, emptyDir: {} } : volumeSourceDefaults(volume);
