import type { ControllerDefinition } from '#controller/reconciler.ts';
import { certificateController } from './certificates/reconciler.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation/reconciler.ts';
import { deploymentController } from './deployment/reconciler.ts';
import { disruptionController } from './disruption/reconciler.ts';
import { endpointsController } from './endpoint-slice/endpoints.ts';
import { endpointSliceController } from './endpoint-slice/reconciler.ts';
import { garbageCollector } from './garbage-collector/reconciler.ts';
import { jobController } from './job/reconciler.ts';
import { ttlAfterFinishedController } from './job/ttl-reconciler.ts';
import { legacyTokenCleaner } from './legacy-token-cleaner/reconciler.ts';
import { namespaceController } from './namespace/reconciler.ts';
import type { CONTROLLER_NAMES } from './names.ts';
import { nodeLifecycleController } from './node-lifecycle/reconciler.ts';
import { podGarbageCollector } from './node-lifecycle/pod-garbage-collector.ts';
import { replicaSetController, replicationController } from './replicaset/reconciler.ts';
import { resourceQuotaController } from './resource-quota/reconciler.ts';
import { addressRepairController } from './service-cidr/address-repair.ts';
import { serviceCidrController } from './service-cidr/reconciler.ts';
import { attributesClassProtectionController } from './storage-protection/attributes-classes.ts';
import { claimProtectionController } from './storage-protection/claims.ts';
import { volumeProtectionController } from './storage-protection/volumes.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring/reconciler.ts';
import { serviceAccountController } from './service-account/default-service-account.ts';
import { rootCaPublisher } from './service-account/root-ca-publisher.ts';
import { tokenCleaner } from './token-cleaner/reconciler.ts';

export interface ControllerOptions {
  /** PEM of the API server's CA, for the ConfigMap `kube-root-ca.crt` of every namespace. */
  readonly rootCa: string;
}

/** Every controller. A name without an entry does not compile. */
export function createControllers({ rootCa }: ControllerOptions): readonly ControllerDefinition[] {
  const all: Readonly<Record<keyof typeof CONTROLLER_NAMES, ControllerDefinition>> = {
    deployment: deploymentController,
    replicaSet: replicaSetController,
    replication: replicationController,
    job: jobController,
    ttlAfterFinished: ttlAfterFinishedController,
    namespace: namespaceController,
    serviceAccount: serviceAccountController,
    rootCa: rootCaPublisher(rootCa),
    endpointSlice: endpointSliceController,
    endpoints: endpointsController,
    garbageCollector,
    nodeLifecycle: nodeLifecycleController,
    podGarbageCollector,
    disruption: disruptionController,
    resourceQuota: resourceQuotaController,
    endpointSliceMirroring: endpointSliceMirroringController,
    serviceCidr: serviceCidrController,
    addressRepair: addressRepairController,
    claimProtection: claimProtectionController,
    volumeProtection: volumeProtectionController,
    attributesClassProtection: attributesClassProtectionController,
    certificates: certificateController,
    clusterRoleAggregation: clusterRoleAggregationController,
    tokenCleaner,
    legacyTokenCleaner,
  };
  return Object.values(all);
}
