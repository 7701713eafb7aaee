import { checkDriverName } from './names.ts';
import { checkLocalPath, checkNoBacksteps } from './paths.ts';
import type { Problems } from './problems.ts';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';

/** A source whose fields are looked at by name: most are the same in a pod's volume and in a PersistentVolume. */
export type Source = Readonly<Record<string, unknown>>;
export type SourceCheck = (problems: Problems, field: string, source: Source) => void;

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];
const MAX_PARTITION = 255;
const MAX_LUN = 255;
const AZURE: Readonly<Record<string, readonly string[]>> = { cachingMode: ['None', 'ReadOnly', 'ReadWrite'], kind: ['Dedicated', 'Managed', 'Shared'] };
const AZURE_MANAGED = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const AZURE_BLOB = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';
const MAX_ISCSI_NAME = 64;
export const ISCSI_NAME_TOO_LONG = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
const BAD_ISCSI_NAME = 'must be valid format';
const ISCSI_NAMES: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+:[^,;*&$|\t\n\f\r ]+$/, eui: /^eui.[A-Za-z0-9]{16}$/, naa: /^naa.[A-Za-z0-9]{32}$/,
};

export const text = (source: Source, name: string): string => (typeof source[name] === 'string' ? source[name] : '');
const number = (source: Source, name: string): number | undefined => (typeof source[name] === 'number' ? source[name] : undefined);
const inner = (source: Source, name: string): Source | undefined => source[name] as Source | undefined;

/** Fields that may not be empty. */
const needing = (...names: string[]): SourceCheck => (problems, field, source) => {
  for (const name of names) {
    const value = source[name];
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) problems.required(`${field}.${name}`);
  }
};

const both = (...checks: SourceCheck[]): SourceCheck => (problems, field, source) => { for (const check of checks) check(problems, field, source); };
const partition: SourceCheck = (problems, field, source) => {
  const value = number(source, 'partition') ?? 0;
  if (value < 0 || value > MAX_PARTITION) problems.invalid(`${field}.partition`, value, `must be between 0 and ${MAX_PARTITION}, inclusive`);
};
/** What a reference to a secret names: its namespace too where the volume has none of its own. */
const secretRef = (...names: string[]): SourceCheck => (problems, field, source) => {
  const reference = inner(source, 'secretRef');
  if (reference !== undefined) needing(...names)(problems, `${field}.secretRef`, reference);
};

const hostPath: SourceCheck = (problems, field, source) => {
  const [path, type] = [text(source, 'path'), text(source, 'type')];
  if (path === '') return problems.required(`${field}.path`);
  checkNoBacksteps(problems, `${field}.path`, path);
  if (!HOST_PATH_TYPES.includes(type)) problems.notSupported(`${field}.type`, type, HOST_PATH_TYPES);
};

const nfs: SourceCheck = (problems, field, source) => {
  needing('server', 'path')(problems, field, source);
  if (!text(source, 'path').startsWith('/')) problems.invalid(`${field}.path`, text(source, 'path'), 'must be an absolute path');
};

/** `unknown` says what is wrong with a name of another sort: of volumes of their own less is said. */
const iscsi = (unknown: string): SourceCheck => (problems, field, source) => {
  const checkName = (path: string, name: string): void => {
    const pattern = ISCSI_NAMES[name.slice(0, 3)];
    if (pattern?.test(name) !== true) problems.invalid(path, name, pattern === undefined ? unknown : BAD_ISCSI_NAME);
  };
  needing('targetPortal', 'iqn')(problems, field, source);
  if (text(source, 'iqn') !== '') checkName(`${field}.iqn`, text(source, 'iqn'));
  problems.between(`${field}.lun`, number(source, 'lun'), 0, MAX_LUN);
  if ((source['chapAuthDiscovery'] === true || source['chapAuthSession'] === true) && source['secretRef'] === undefined) problems.required(`${field}.secretRef`);
  if (source['initiatorName'] !== undefined) checkName(`${field}.initiatorname`, text(source, 'initiatorName'));
};

/** The initiator makes a name of its own from both, which its interface must hold. */
export function isIscsiNameTooLong(volumeName: string, source: unknown): boolean {
  const { initiatorName, targetPortal = '' } = (source ?? {}) as { readonly initiatorName?: string; readonly targetPortal?: string };
  return initiatorName !== undefined && Buffer.byteLength(`${volumeName}:${targetPortal}`) > MAX_ISCSI_NAME;
}

const fc: SourceCheck = (problems, field, source) => {
  const [targets, ids] = [source['targetWWNs'], source['wwids']].map((list) => (Array.isArray(list) ? list : []));
  if (targets?.length === 0 && ids?.length === 0) problems.required(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both');
  if (targets?.length === 0) return;
  if (ids?.length !== 0) problems.invalid(`${field}.targetWWNs`, targets, 'targetWWNs and wwids can not be specified simultaneously');
  if (source['lun'] === undefined) problems.required(`${field}.lun`, 'lun is required if targetWWNs is specified');
  else problems.between(`${field}.lun`, number(source, 'lun'), 0, MAX_LUN);
};

const flexVolume: SourceCheck = (problems, field, source) => {
  needing('driver')(problems, field, source);
  for (const key of Object.keys(inner(source, 'options') ?? {})) {
    if (/\.(?:kubernetes|k8s)\.io$/i.test(`.${key.split('/')[0] ?? ''}`)) problems.invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved');
  }
};

const flocker: SourceCheck = (problems, field, source) => {
  const [name, uuid] = [text(source, 'datasetName'), text(source, 'datasetUUID')];
  if (name === '' && uuid === '') problems.required(field, 'one of datasetName and datasetUUID is required');
  if (name !== '' && uuid !== '') problems.invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously');
  if (name.includes('/')) problems.invalid(`${field}.datasetName`, name, "must not contain '/'");
};

const quobyte: SourceCheck = (problems, field, source) => {
  const why = 'must be a host:port pair or multiple pairs separated by commas';
  const registry = text(source, 'registry');
  if (registry === '') problems.required(`${field}.registry`, why);
  else if (text(source, 'tenant').length >= 65) problems.required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters');
  else for (const pair of registry.split(',')) if (!/^(?:[^:]*|\[.*\]):[^:]*$/.test(pair)) problems.invalid(`${field}.registry`, registry, why);
  needing('volume')(problems, field, source);
};

const azureDisk: SourceCheck = (problems, field, source) => {
  needing('diskName', 'diskURI')(problems, field, source);
  for (const [name, known] of Object.entries(AZURE)) if (source[name] !== undefined && !known.includes(text(source, name))) problems.notSupported(`${field}.${name}`, text(source, name), known);
  const [kind, uri] = [source['kind'], text(source, 'diskURI')];
  if (kind === 'Managed' && !uri.startsWith('/subscriptions/')) problems.notSupported(`${field}.diskURI`, uri, [AZURE_MANAGED]);
  if (kind !== undefined && kind !== 'Managed' && !uri.startsWith('https://')) problems.notSupported(`${field}.diskURI`, uri, [AZURE_BLOB]);
};

const storageOs: SourceCheck = (problems, field, source) => {
  problems.checkRequired(`${field}.volumeName`, text(source, 'volumeName'), dns1123Label);
  if (text(source, 'volumeNamespace') !== '') problems.check(`${field}.volumeNamespace`, text(source, 'volumeNamespace'), dns1123Label);
};

const csiVolume: SourceCheck = (problems, field, source) => {
  checkDriverName(problems, `${field}.driver`, text(source, 'driver'));
  needing('volumeHandle')(problems, field, source);
  for (const name of ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef']) {
    const reference = inner(source, name);
    if (reference === undefined) continue;
    problems.checkRequired(`${field}.${name}.name`, text(reference, 'name'), dns1123Subdomain);
    problems.checkRequired(`${field}.${name}.namespace`, text(reference, 'namespace'), dns1123Label);
  }
};

const csi: SourceCheck = (problems, field, source) => {
  checkDriverName(problems, `${field}.driver`, text(source, 'driver'));
  const secret = inner(source, 'nodePublishSecretRef');
  if (secret === undefined) return;
  if (text(secret, 'name') === '') problems.required(`${field}.nodePublishSecretRef.name`);
  else problems.check(`${field}.name`, text(secret, 'name'), dns1123Subdomain);
};

/** In a pod and in a PersistentVolume alike. */
const SHARED = {
  hostPath, nfs, fc, flocker, quobyte, azureDisk, flexVolume,
  gcePersistentDisk: both(needing('pdName'), partition), awsElasticBlockStore: both(needing('volumeID'), partition),
  rbd: needing('monitors', 'image'), cephfs: needing('monitors'), vsphereVolume: needing('volumePath'), photonPersistentDisk: needing('pdID'), portworxVolume: needing('volumeID'),
  scaleIO: needing('gateway', 'system', 'volumeName'),
} satisfies Readonly<Record<string, SourceCheck>>;

const azureFile = needing('secretName', 'shareName');
const glusterfs = needing('endpoints', 'path');

/** What a pod alone can have: the checks of these need more than the source. */
export interface PodSources {
  readonly emptyDir: SourceCheck;
  readonly secret: SourceCheck;
  readonly downwardAPI: SourceCheck;
  readonly configMap: SourceCheck;
  readonly projected: SourceCheck;
  readonly ephemeral: SourceCheck;
  readonly image: SourceCheck;
}

/** In the order in which Kubernetes looks at them: of two, the second is one too many. */
export const podSources = (own: PodSources): Readonly<Record<string, SourceCheck>> => ({
  emptyDir: own.emptyDir,
  hostPath: SHARED.hostPath,
  gitRepo: (problems, field, source) => {
    needing('repository')(problems, field, source);
    checkLocalPath(problems, `${field}.directory`, text(source, 'directory'));
  },
  gcePersistentDisk: SHARED.gcePersistentDisk, awsElasticBlockStore: SHARED.awsElasticBlockStore,
  secret: own.secret,
  nfs: SHARED.nfs, iscsi: iscsi('must be valid format starting with iqn, eui, or naa'), glusterfs, flocker: SHARED.flocker,
  persistentVolumeClaim: needing('claimName'),
  rbd: SHARED.rbd, cinder: both(needing('volumeID'), secretRef('name')), cephfs: SHARED.cephfs, quobyte: SHARED.quobyte,
  downwardAPI: own.downwardAPI,
  fc: SHARED.fc, flexVolume: SHARED.flexVolume,
  configMap: own.configMap,
  azureFile, vsphereVolume: SHARED.vsphereVolume, photonPersistentDisk: SHARED.photonPersistentDisk, portworxVolume: SHARED.portworxVolume, azureDisk: SHARED.azureDisk,
  storageos: both(storageOs, secretRef('name')),
  projected: own.projected,
  scaleIO: SHARED.scaleIO, csi,
  ephemeral: own.ephemeral, image: own.image,
});

export const PERSISTENT_SOURCES: Readonly<Record<string, SourceCheck>> = {
  hostPath: SHARED.hostPath, gcePersistentDisk: SHARED.gcePersistentDisk, awsElasticBlockStore: SHARED.awsElasticBlockStore,
  glusterfs: (problems, field, source) => {
    glusterfs(problems, field, source);
    const namespace = source['endpointsNamespace'];
    if (namespace === '') problems.invalid(`${field}.endpointsNamespace`, '', 'if the endpointnamespace is set, it must be a valid namespace name');
    else if (namespace !== undefined) problems.check(`${field}.endpointsNamespace`, String(namespace), dns1123Label);
  },
  flocker: SHARED.flocker, nfs: SHARED.nfs, rbd: SHARED.rbd, quobyte: SHARED.quobyte, cephfs: SHARED.cephfs,
  iscsi: both(iscsi(BAD_ISCSI_NAME), secretRef('name')),
  cinder: both(needing('volumeID'), secretRef('name', 'namespace')),
  fc: SHARED.fc, flexVolume: SHARED.flexVolume,
  azureFile: (problems, field, source) => {
    azureFile(problems, field, source);
    if (source['secretNamespace'] === '') problems.required(`${field}.secretNamespace`);
  },
  vsphereVolume: SHARED.vsphereVolume, photonPersistentDisk: SHARED.photonPersistentDisk, portworxVolume: SHARED.portworxVolume, azureDisk: SHARED.azureDisk, scaleIO: SHARED.scaleIO,
  local: (problems, field, source) => {
    if (text(source, 'path') === '') problems.required(`${field}.path`);
    else checkNoBacksteps(problems, `${field}.path`, text(source, 'path'));
  },
  storageos: both(storageOs, secretRef('name', 'namespace')),
  csi: csiVolume,
};

/** Kubernetes has names of its own for some sources: for what is wrong in one, and for one too many. */
const NAMES: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };
const EXCESS_NAMES: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

/** Checks the one source that is there. */
export function validateSources(problems: Problems, field: string, holder: Source, checks: Readonly<Record<string, SourceCheck>>): void {
  let count = 0;
  for (const [name, check] of Object.entries(checks)) {
    if (holder[name] === undefined) continue;
    count += 1;
    if (count > 1) problems.forbidden(`${field}.${EXCESS_NAMES[name] ?? name}`, 'may not specify more than 1 volume type');
    else check(problems, `${field}.${NAMES[name] ?? name}`, holder[name] as Source);
  }
  if (count === 0) problems.required(field, 'must specify a volume type');
}
