import type { Namespace } from '#api/generated/core/v1.ts';
import { healthy, progressing, type HealthRule } from './health.ts';

export const namespaceHealth: HealthRule<Namespace> = ({ metadata, status }) =>
  status?.phase === 'Terminating' || metadata.deletionTimestamp ? progressing('the namespace is terminating') : healthy;
