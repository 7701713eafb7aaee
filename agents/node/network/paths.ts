import { join } from 'node:path';
import type { Instance } from '#base/instance.ts';

/** Files and names of the pod network. */
export function podNetworkPaths(instance: Instance) {
  return {
    /** For containerd's `conf_dir`; it watches the folder, so the network may be written after its start. */
    cniConfDir: join(instance.dataDir, 'network', 'conf'),
    conflist: join(instance.dataDir, 'network', 'conf', '10-pods.conflist'),
    /** Addresses that are given out, one file each. */
    ipamDir: join(instance.dataDir, 'network', 'ipam'),
    /** Name of the CNI network; prefix of its entries in libcni's result cache. */
    networkName: instance.bridge,
    /** Apart from the table of services, which is replaced as a whole at each start. */
    nftTable: `${instance.nftTable}_pods`,
  };
}
