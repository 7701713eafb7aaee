import { createHash } from 'node:crypto';
import type { Container } from '#api/generated/core/v1.ts';

/** On each container: what it was made from, so that a later agent knows whether it still fits its pod. */
export const CONTAINER_HASH_ANNOTATION = 'headway.dev/container-hash';
export const TERMINATION_PATH_ANNOTATION = 'headway.dev/termination-message-file';

/** Of the two fields of a container that a pod may change in place only the image calls for a new container. */
export const containerHash = (container: Container): string =>
  createHash('sha256').update(JSON.stringify([container.name, container.image])).digest('hex').slice(0, 16);
