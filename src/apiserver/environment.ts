import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Schema } from '#api/schema.ts';
import type { Scheme } from '#api/scheme.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { ObjectStore } from '#store/object-store.ts';
import type { Authenticator } from './authn/authenticator.ts';
import type { StableAuthorizer } from './authz/authorizer.ts';
import type { NodePods } from './authz/node-pods.ts';
import type { RbacAuthorizer } from './authz/rbac.ts';
import type { ApiServices } from './aggregator/api-services.ts';
import type { AdmissionChain } from './admission/chain.ts';
import type { Webhooks } from './admission/webhooks/plugins.ts';
import type { PolicyAdmission } from './admission/policies/policy-admission.ts';
import type { SchemaEngine } from './crd/schema-engine.ts';
import type { Pki } from './pki/pki.ts';
import type { ServiceAllocator } from './registry/core/service/allocator.ts';
import type { Turns } from './storage/turns.ts';
import type { Requests } from './requests/requests.ts';
import type { UidReservations } from './restore/uid-reservations.ts';
import type { WebhookCaller } from './webhook/client.ts';
import type { ServiceAccountTokens } from './authn/service-account-tokens.ts';

/** What the verbs work with; one for the life of the server. */
export interface Environment {
  readonly store: ObjectStore;
  readonly cache: WatchCache;
  readonly scheme: Scheme;
  readonly schema: Schema;
  readonly clock: Clock;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  readonly authorizer: StableAuthorizer;
  readonly rbac: RbacAuthorizer;
  readonly nodePods: NodePods;
  readonly pki: Pki;
  readonly tokens: ServiceAccountTokens;
  readonly reservations: UidReservations;
  readonly admission: AdmissionChain;
  readonly policies: PolicyAdmission;
  readonly services: ServiceAllocator;
  /** Calls webhooks of admission and conversion. */
  readonly webhooks: WebhookCaller;
  readonly schemas: SchemaEngine;
  /** The admission webhooks that are configured. */
  readonly hooks: Webhooks;
  /** Which group versions other servers answer. */
  readonly apiServices: ApiServices;
  /** By namespace: creations that met at something they share wait for each other. */
  readonly turns: Turns;
  /** Counts, records and orders the requests in progress. */
  readonly requests: Requests;
  /** Lower-case letters and digits that make generated names unique. */
  readonly randomSuffix: (length: number) => string;
  /** `10.96.0.0/16`. */
  readonly serviceCidr: string;
}
