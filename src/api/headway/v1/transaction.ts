/** Create-only and never stored: several objects written at once, all or none, as one store transaction. */
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';

export interface Transaction extends KubeObject {
  readonly spec: TransactionSpec;
  readonly status?: TransactionStatus | undefined;
}

export interface TransactionSpec {
  /** Field manager of the server-side applies. */
  readonly fieldManager: string;
  /** Takes over fields that other managers own. Default false: a conflict fails the whole. */
  readonly force?: boolean | undefined;
  /** Answers with what would be written, and writes nothing. */
  readonly dryRun?: boolean | undefined;
  /** At most one item an object. Namespaces that the transaction makes count as present for its other items. */
  readonly items: readonly TransactionItem[];
}

export type TransactionItem =
  | AppliedItem
  | { readonly delete: ObjectReference };

/** Server-side apply; what changes nothing writes nothing. */
export interface AppliedItem {
  readonly apply: KubeObject;
  /** What is not in it is dropped, whoever set it, but for status, finalizers and owners: as by PUT, and with its right `update`. Default false. */
  readonly replaces?: boolean | undefined;
  /** Of unknown and duplicate fields: `Strict`, `Warn` or `Ignore`. Default: as the request says. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore' | undefined;
}

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  /** When set, only an object with this UID is deleted. */
  readonly uid?: string | undefined;
}

export interface TransactionStatus {
  /** False: an item failed, and nothing was written. */
  readonly committed: boolean;
  /** One for each item, in order. */
  readonly items: readonly TransactionResult[];
}

export interface TransactionResult {
  /** `created`, `updated`, `unchanged`, `deleting` (waits for finalizers or a grace period), `deleted`, `absent`; unset when the item failed. */
  readonly outcome?: 'created' | 'updated' | 'unchanged' | 'deleting' | 'deleted' | 'absent' | undefined;
  /** The object as it is after the transaction, or its last state. */
  readonly object?: KubeObject | undefined;
  readonly error?: Status | undefined;
}
